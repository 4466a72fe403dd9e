package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.WindowPreprocessor;
import io.bactrian.tensor.NamedTensors;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** Requests that are lists with items that are wrong, in routes from the body to the answer. */
class ItemErrorsTest extends CamelTestSupport {

    @TempDir Path folder;

    @Override
    protected CamelContext createCamelContext() throws Exception {
        CamelContext context = super.createCamelContext();
        TestModels.sumAndProduct(folder.resolve("sum/1"));
        TestModels.identity(
                folder.resolve("vectors/1"), TFloat32.class, Shape.of(Shape.UNKNOWN_SIZE, 2));
        TestModels.identity(folder.resolve("texts/1"), TString.class, Shape.of(Shape.UNKNOWN_SIZE));
        TensorFlowComponent component = new TensorFlowComponent();
        component.setModelDirectory(folder.toString());
        context.addComponent("tensorflow", component);
        return context;
    }

    private void load(String type, String properties, String model, String postprocessor)
            throws Exception {
        String yaml =
                """
                - beans:
                    - name: before
                      type: io.bactrian.preprocess.%s
                      properties: {itemErrors: answer, %s}
                    - name: after
                      type: io.bactrian.postprocess.%s
                - route:
                    from:
                      uri: direct:items
                      steps:
                        - process: {ref: "#before"}
                        - to: {uri: "tensorflow:%s"}
                        - process: {ref: "#after"}
                        - marshal: {json: {}}
                """
                        .formatted(type, properties, postprocessor, model);
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.fromString("test.camel.yaml", yaml));
    }

    private String answer(String body, String contentType) {
        long before = NamedTensors.open();
        Exchange exchange =
                template.request(
                        "direct:items",
                        each -> {
                            each.getMessage().setBody(body);
                            each.getMessage().setHeader(Exchange.CONTENT_TYPE, contentType);
                        });
        assertTrue(NamedTensors.open() <= before);
        return exchange.getException() == null
                ? exchange.getMessage().getBody(String.class)
                : exchange.getException().getMessage();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[{\"a\": 1, \"b\": 2}, {\"a\": \"x\", \"b\": 1}, {\"a\": 3, \"b\": 4}]"
                        + "| [{\"product\":2.0,\"sum\":3.0},{\"error\":\"[1].a: \\\"x\\\" is not a number\"},"
                        + "{\"product\":12.0,\"sum\":7.0}]",
                "[{\"a\": 3, \"b\": 4}, 7]"
                        + "| [{\"product\":12.0,\"sum\":7.0},{\"error\":\"[1] must be an object\"}]",
                "[{\"b\": 4}, {\"a\": 3, \"b\": 4}, {\"a\": 3}]"
                        + "| [{\"error\":\"[0]: missing field \\\"a\\\"\"},{\"product\":12.0,\"sum\":7.0},"
                        + "{\"error\":\"[2]: missing field \\\"b\\\"\"}]",
                "[{\"a\": 1, \"b\": [1, 2]}, {\"a\": 3, \"b\": 4}]"
                        + "| [{\"error\":\"[0].b has the shape [2], expected []\"},"
                        + "{\"product\":12.0,\"sum\":7.0}]",
                "{\"a\": \"x\", \"b\": 1}| a: \"x\" is not a number",
                "[{\"a\": \"x\", \"b\": 1}]| [0].a: \"x\" is not a number",
                "[{}, 1]| all 2 items are wrong, the first: [0]: missing field \"a\"",
                "[{\"a\": 1, \"b\": 2}, {\"a\": | JSON Parse error: Invalid value. at offset: 24",
            })
    void recordThatIsWrongIsAnsweredInItsPlace(String request, String answer) throws Exception {
        load("RecordPreprocessor", "maxRows: 2000", "sum", "OutputsPostprocessor");
        assertEquals(answer, answer(request, "application/json"));
    }

    @Test
    void csvRecordOfAnotherLengthIsAnsweredInItsPlace() throws Exception {
        load("RecordPreprocessor", "maxRows: 9", "sum", "OutputsPostprocessor");
        assertEquals(
                "[{\"product\":2.0,\"sum\":3.0},"
                        + "{\"error\":\"row 1 (line 3) has 3 values, expected 2\"},"
                        + "{\"error\":\"row 2 (line 4), b: \\\"x\\\" is not a number\"},"
                        + "{\"error\":\"row 3 (line 5) has 1 value, expected 2\"},"
                        + "{\"product\":1.0,\"sum\":2.0}]",
                answer("a,b\n1,2\n1,2,3\n4,x\n4\n1,1\n", "text/csv"));
    }

    @Test
    void vectorThatIsWrongIsAnsweredInItsPlace() throws Exception {
        load("FeatureVectorPreprocessor", "columns: 'a, b'", "vectors", "ArgMaxPostprocessor");
        assertEquals(
                "[{\"predicted_class\":1},{\"error\":\"[1] has 1 value, expected 2\"},"
                        + "{\"error\":\"[2].b: \\\"y\\\" is not a number\"},{\"predicted_class\":0}]",
                answer("[[1, 2], [1], {\"a\": 5, \"b\": \"y\"}, [4, 3]]", "application/json"));
    }

    @Test
    void windowIsOneItem() {
        PipelineFaultException fault =
                assertThrows(
                        PipelineFaultException.class,
                        () -> new WindowPreprocessor().setItemErrors(ItemErrors.ANSWER));
        assertEquals(
                "itemErrors can't be set: a request is one series, which a wrong row fails",
                fault.getMessage());
    }

    @Test
    void requestWithTooManyWrongItemsFails() throws Exception {
        load("RecordPreprocessor", "maxRows: 2000", "sum", "OutputsPostprocessor");
        assertEquals(
                "more than 1000 items are wrong, the first: [1] must be an object",
                answer("[{\"a\": 1, \"b\": 2}" + ",1".repeat(1001) + "]", "application/json"));
    }

    @Test
    void lineWithTooFewColumnsIsAnsweredInItsPlace() throws Exception {
        load(
                "TextPreprocessor",
                "field: '', lines: true, column: 1",
                "texts",
                "OutputsPostprocessor");
        assertEquals(
                "[{\"y\":\"b\"},"
                        + "{\"error\":\"line 2 has 1 column, expected the text in column 1, from 0\"},"
                        + "{\"y\":\"d\"}]",
                answer("a\tb\nc\ne\td\n", "text/plain"));
    }
}
