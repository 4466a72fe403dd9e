package io.bactrian.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensorflow.TensorFlowComponent;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.nio.file.Files;
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
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/** The examples of docs/own-processors.md. */
class OwnProcessorsTest extends CamelTestSupport {

    private static final Path PAGE = Path.of("docs/own-processors.md");
    private static final Path ROUTES = Path.of("src/test/resources/docs");

    @TempDir Path folder;

    @Override
    protected CamelContext createCamelContext() throws Exception {
        CamelContext context = super.createCamelContext();
        TestModels.sumAndProduct(folder.resolve("sum/1"));
        TestModels.model(
                folder.resolve("softmax/1"),
                TFloat32.class,
                Shape.of(Shape.UNKNOWN_SIZE, 3),
                (tf, x) -> tf.nn.softmax(x));
        TestModels.identity(
                folder.resolve("four/1"), TFloat32.class, Shape.of(Shape.UNKNOWN_SIZE, 4));
        TensorFlowComponent component = new TensorFlowComponent();
        component.setModelDirectory(folder.toString());
        context.addComponent("tensorflow", component);
        return context;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "src/test/java/com/example/UrlPreprocessor.java",
                "src/test/java/com/example/EntropyPostprocessor.java",
                "src/test/resources/docs/risk.camel.yaml",
                "src/test/resources/docs/groovy-pom.xml",
                "src/test/resources/docs/phishing.camel.yaml",
            })
    void pageShowsWhatIsTested(String file) throws IOException {
        String tested = Files.readString(Path.of(file)).strip();
        assertTrue(Files.readString(PAGE).contains("\n" + tested + "\n"), file);
    }

    private void load(String file, String model) throws Exception {
        String yaml =
                Files.readString(ROUTES.resolve(file))
                        .replace("tensorflow:self", "tensorflow:" + model)
                        .replace("pipeline:", "direct:")
                        .replaceAll(" *parameters: .*\n", "");
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.fromString("test.camel.yaml", yaml));
    }

    private String answer(String route, String body) {
        long before = NamedTensors.open();
        Exchange exchange =
                template.request("direct:" + route, each -> each.getMessage().setBody(body));
        assertTrue(NamedTensors.open() <= before);
        return exchange.getException() == null
                ? exchange.getMessage().getBody(String.class)
                : exchange.getException().getMessage();
    }

    @Test
    void expressionsStandBeforeAndAfterTheModel() throws Exception {
        load("risk.camel.yaml", "sum");
        // a = log1p(0) = 0, b = 1: the sum is 1, and the sigmoid of it 0.7310585786300049.
        assertEquals(
                "{\"risk\":0.7310585786300049,\"product\":0.0}",
                answer("risk", "{\"income\": 0, \"debts\": [600, 400]}"));
        String refused = answer("risk", "{\"income\": \"0\", \"debts\": []}");
        assertTrue(refused.contains("Validation failed"), refused);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"url\": 1}| field \"url\" must be a string",
                "{\"link\": \"a\"}| missing field \"url\"",
                "[]| expected an object with a field \"url\", such as {\"url\": \"http://…\"}",
            })
    void preprocessorInJavaRejectsWhatIsNoUrl(String body, String message) throws Exception {
        load("phishing.camel.yaml", "softmax");
        assertEquals(message, answer("phishing", body));
    }

    @Test
    void processorsInJavaStandBeforeAndAfterTheModel() throws Exception {
        load("phishing.camel.yaml", "softmax");
        // The URL has 5 characters, 2 digits and 1 dot.
        JsonNode answer = new ObjectMapper().readTree(answer("phishing", "{\"url\": \"a1.b2\"}"));
        assertEquals(0.2743130736734324, answer.path("entropy").asDouble(), 1e-6);
        assertEquals(BooleanNode.FALSE, answer.path("unsure"));
    }

    @Test
    void processorInJavaIsCheckedAtStart() {
        Throwable fault = assertThrows(Exception.class, () -> load("phishing.camel.yaml", "four"));
        while (fault.getCause() != null) {
            fault = fault.getCause();
        }
        assertTrue(
                fault.getMessage().contains("makes float32 [1, 3], but input"), fault.getMessage());
    }
}
