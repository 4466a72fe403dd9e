package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensorflow.TensorFlowComponent;
import io.bactrian.testing.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/** Preprocessors of tables in routes, between a request and a model. */
class TablesInYamlTest extends CamelTestSupport {

    @TempDir Path folder;

    @Override
    protected CamelContext createCamelContext() throws Exception {
        CamelContext context = super.createCamelContext();
        TestModels.sumAndProduct(folder.resolve("sum/1"));
        TestModels.dense(folder.resolve("dense/1"));
        Files.createDirectories(folder.resolve("dense/code"));
        Files.writeString(
                folder.resolve("dense/code/scaler.json"),
                "{\"center_\": [1, 2], \"scale_\": [2, 4], \"feature_names_in_\": [\"u\", \"v\"]}");
        TestModels.identity(
                folder.resolve("series/1"), TFloat32.class, Shape.of(Shape.UNKNOWN_SIZE, 3));
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

    /** The model adds the two features, and gives the sum as the score of each of three classes. */
    @Test
    void featuresAreScaledByTheModelsOwnFile() throws Exception {
        load(
                "FeatureVectorPreprocessor",
                "scalerFile: scaler.json\ndefaults: v=2",
                "dense",
                "field: best");
        assertEquals("{\"best\":0}", answer("{\"u\": 1, \"v\": 3}", "application/json"));
        assertEquals("[{\"best\":0},{\"best\":0}]", answer("u,v\n1,2\n3,\n", "text/csv"));
        assertEquals("missing field \"u\"", answer("{\"v\": 3}", "application/json"));
    }

    @Test
    void windowIsASeriesAnsweredByAnObject() throws Exception {
        load("WindowPreprocessor", "padding: -1", "series", "field: highest");
        assertEquals("{\"highest\":1}", answer("[9, 3, 5, 4]", "application/json"));
        assertEquals("{\"highest\":2}", answer("[[3]]", "application/json"));
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
