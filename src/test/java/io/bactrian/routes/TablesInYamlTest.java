package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensorflow.TensorFlowComponent;
import io.bactrian.testing.TestModels;
import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Preprocessors of tables in routes, between a request and a model. */
class TablesInYamlTest extends CamelTestSupport {

    @TempDir Path folder;

    @Override
    protected CamelContext createCamelContext() throws Exception {
        CamelContext context = super.createCamelContext();
        TestModels.sumAndProduct(folder.resolve("sum/1"));
        TensorFlowComponent component = new TensorFlowComponent();
        component.setModelDirectory(folder.toString());
        context.addComponent("tensorflow", component);
        return context;
    }

    private void load(String type, String properties, String model, String after) throws Exception {
        String yaml =
                """
                - beans:
                    - name: table
                      type: io.bactrian.preprocess.%s
                      properties:
                %s
                    - name: positive
                      type: io.bactrian.postprocess.ArgMaxPostprocessor
                      properties: {%s}
                - route:
                    from:
                      uri: direct:rows
                      steps:
                        - process: {ref: "#table"}
                        - to: {uri: "tensorflow:%s"}
                        - process: {ref: "#positive"}
                        - marshal: {json: {}}
                """
                        .formatted(type, properties.indent(8), after, model);
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.fromString("test.camel.yaml", yaml));
    }

    private String answer(Object body, String contentType) {
        Exchange exchange =
                template.request(
                        "direct:rows",
                        each -> {
                            each.getMessage().setBody(body);
                            each.getMessage().setHeader(Exchange.CONTENT_TYPE, contentType);
                        });
        return exchange.getException() == null
                ? exchange.getMessage().getBody(String.class)
                : exchange.getException().getMessage();
    }

    @Test
    void recordsFeedNamedInputsAndAListIsAnsweredByAList() throws Exception {
        load(
                "RecordPreprocessor",
                "fields: b=the-b\ndefaults: the-b=2, a=-1",
                "sum",
                "output: sum, threshold: 3, field: positive");
        assertEquals("{\"positive\":1}", answer("{\"a\": 1}", "application/json"));
        assertEquals("[{\"positive\":1}]", answer("[{\"a\": 1}]", "application/json"));
        assertEquals(
                "[{\"positive\":0},{\"positive\":1}]",
                answer("[{\"the-b\": 3}, {\"a\": 1, \"the-b\": 5.5}]", "application/json"));
        assertEquals(
                "[{\"positive\":0},{\"positive\":1}]",
                answer("a,the-b\n1,1\n0.5,2.5\n", "text/csv; charset=utf-8"));
        assertEquals("[1].a: \"x\" is not a number", answer("[{}, {\"a\": \"x\"}]", "text/json"));
    }

    @Test
    void propertyThatContradictsTheModelIsReportedAtStart() {
        Throwable failure =
                assertThrows(
                        Exception.class,
                        () ->
                                load(
                                        "RecordPreprocessor",
                                        "fields: c=x",
                                        "sum",
                                        "output: sum, threshold: 3"));
        while (failure.getCause() != null) {
            failure = failure.getCause();
        }
        assertTrue(
                failure.getMessage()
                        .startsWith("table (RecordPreprocessor): fields has \"c\", but of [a, b] "),
                failure.getMessage());
    }
}
