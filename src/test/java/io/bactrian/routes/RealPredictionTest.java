package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensorflow.TensorFlowComponent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The shipped pipelines on the bundled models answer what the three {@code inference.py} scripts
 * beside the models answered, as recorded in {@code expected.json}.
 */
class RealPredictionTest extends CamelTestSupport {

    private static final Path EXAMPLES = Path.of("src", "examples");
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    protected CamelContext createCamelContext() throws Exception {
        CamelContext context = super.createCamelContext();
        TensorFlowComponent component = new TensorFlowComponent();
        component.setModelDirectory(EXAMPLES.resolve("models").toString());
        context.addComponent("tensorflow", component);
        return context;
    }

    @TestFactory
    List<DynamicTest> asPythonAnswered() throws Exception {
        for (String name :
                List.of("text-classification", "image-classification", "object-detection")) {
            ShippedRoutes.add(context, name);
        }
        long open = NamedTensors.open();
        List<DynamicTest> tests = new ArrayList<>();
        Path requests = EXAMPLES.resolve("requests");
        for (JsonNode expected : JSON.readTree(requests.resolve("expected.json").toFile())) {
            String file = expected.get("file").asText();
            tests.add(
                    dynamicTest(
                            file,
                            () -> {
                                byte[] body = Files.readAllBytes(requests.resolve(file));
                                assertSame(expected.get("answer"), answer(expected, body));
                                assertTrue(NamedTensors.open() <= open);
                            }));
        }
        return tests;
    }

    private JsonNode answer(JsonNode expected, byte[] body) throws IOException {
        return JSON.readTree(
                template.requestBody(
                        "pipeline:" + expected.get("pipeline").asText(), body, byte[].class));
    }

    /**
     * The same but for the last digits of float32 arithmetic, whose order two builds do not share.
     */
    private static void assertSame(JsonNode expected, JsonNode actual) {
        if (expected.isFloatingPointNumber()) {
            assertEquals(expected.doubleValue(), actual.doubleValue(), 1e-5);
        } else if (expected.isContainerNode()) {
            assertEquals(expected.size(), actual.size(), () -> expected + " but was " + actual);
            if (expected.isArray()) {
                for (int i = 0; i < expected.size(); i++) {
                    assertSame(expected.get(i), actual.get(i));
                }
            } else {
                expected.properties()
                        .forEach(field -> assertSame(field.getValue(), actual.get(field.getKey())));
            }
        } else {
            assertEquals(expected, actual);
        }
    }
}
