package io.bactrian.postprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorValues;
import io.bactrian.testing.Exchanges;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PropertyBindingSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.ndarray.Shape;

/**
 * The answers of postprocessors, against NumPy, SciPy and scikit-learn, and TensorFlow's
 * suppression of boxes: files that make_score_answers.py and make_detections.py of src/test/python
 * have written.
 */
class ScoreAnswersTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    @TempDir Path folder;

    @BeforeAll
    static void start() {
        CONTEXT.start();
    }

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    static Stream<Arguments> cases() throws IOException {
        List<Arguments> cases = new ArrayList<>();
        for (String file :
                List.of(
                        "/scores/expected.json",
                        "/detections/expected.json",
                        "/detections/grids.json")) {
            try (InputStream in = ScoreAnswersTest.class.getResourceAsStream(file)) {
                JSON.readTree(in).forEach(each -> cases.add(Arguments.of(each.get("name"), each)));
            }
        }
        assertTrue(cases.size() > 140);
        return cases.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void answersAreThoseOfPython(JsonNode name, JsonNode expected) throws Exception {
        Postprocessor step =
                (Postprocessor)
                        Class.forName("io.bactrian.postprocess." + expected.get("type").asText())
                                .getConstructor()
                                .newInstance();
        Map<String, Object> properties = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> each : expected.get("properties").properties()) {
            properties.put(each.getKey(), each.getValue().asText());
        }
        if (properties.containsValue("{file}")) {
            Path file = folder.resolve("file.json");
            Files.writeString(file, expected.get("file").toString());
            properties.replaceAll((key, value) -> value.equals("{file}") ? file.toString() : value);
        }
        // As YAML sets them.
        PropertyBindingSupport.build()
                .withMandatory(true)
                .bind(CONTEXT, step, new LinkedHashMap<>(properties));
        assertAlike("answer", expected.get("answer"), answer(step, expected.get("outputs")));
    }

    private static JsonNode answer(Postprocessor step, JsonNode outputs) throws IOException {
        NamedTensors.Builder tensors = NamedTensors.builder();
        for (Map.Entry<String, JsonNode> each : outputs.properties()) {
            JsonNode output = each.getValue();
            DType dtype = DType.valueOf(output.get("dtype").asText().toUpperCase(Locale.ROOT));
            TensorBuffer elements = new TensorBuffer(dtype);
            List<?> values = JSON.convertValue(output.get("values"), List.class);
            TensorValues.read(values, elements, "values");
            long[] shape = JSON.convertValue(output.get("shape"), long[].class);
            tensors.put(each.getKey(), elements.build(Shape.of(shape)));
        }
        Exchange exchange = new DefaultExchange(CONTEXT);
        step.setCamelContext(CONTEXT);
        step.start();
        try (NamedTensors built = tensors.build()) {
            exchange.getMessage().setBody(built);
            step.process(exchange);
            return JSON.readTree(JSON.writeValueAsBytes(exchange.getMessage().getBody()));
        } finally {
            step.stop();
            Exchanges.done(exchange);
        }
    }

    /** The same but for the last digits of floating-point numbers, and the order of members. */
    private static void assertAlike(String path, JsonNode expected, JsonNode got) {
        if (expected.isFloatingPointNumber()) {
            assertTrue(got.isFloatingPointNumber(), path + ": " + got);
            double value = expected.doubleValue();
            assertEquals(value, got.doubleValue(), 1e-6 * Math.max(1, Math.abs(value)), path);
        } else if (expected.isContainerNode()) {
            assertEquals(expected.getNodeType(), got.getNodeType(), path);
            assertEquals(expected.size(), got.size(), path + ": " + got);
            if (expected.isArray()) {
                for (int i = 0; i < expected.size(); i++) {
                    assertAlike(path + "[" + i + "]", expected.get(i), got.get(i));
                }
            }
            for (Iterator<String> names = expected.fieldNames(); names.hasNext(); ) {
                String name = names.next();
                assertTrue(got.has(name), path + ": " + got);
                assertAlike(path + "." + name, expected.get(name), got.get(name));
            }
        } else {
            assertEquals(expected, got, path);
        }
    }
}
