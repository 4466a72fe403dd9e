package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NumericElements;
import io.bactrian.testing.Exchanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PropertyBindingSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tensorflow.types.family.TType;

/**
 * Tensors of sounds are those of SciPy and tf.signal, which make_audio.py recorded, but for 1e-5 of
 * the greatest magnitude.
 */
class AudioOracleTest {

    private static final Path FILES = Path.of("src/test/resources/audio");
    private static final double TOLERANCE = 1e-5;
    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    @TestFactory
    Stream<DynamicTest> tensorsAreThoseOfPython() throws IOException {
        CONTEXT.start();
        JsonNode cases = new ObjectMapper().readTree(FILES.resolve("expected.json").toFile());
        return StreamSupport.stream(cases.spliterator(), false)
                .map(each -> DynamicTest.dynamicTest(each.get("name").asText(), () -> check(each)));
    }

    private static void check(JsonNode expected) throws IOException {
        AudioPreprocessor audio = new AudioPreprocessor();
        for (Map.Entry<String, JsonNode> property : expected.get("properties").properties()) {
            PropertyBindingSupport.build()
                    .withCamelContext(CONTEXT)
                    .withTarget(audio)
                    .bind(CONTEXT, audio, property.getKey(), property.getValue().asText());
        }
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage()
                .setBody(Files.readAllBytes(FILES.resolve(expected.get("file").asText())));
        audio.process(exchange);
        try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
            compare(tensors.select(null), expected);
        } finally {
            Exchanges.done(exchange);
        }
    }

    private static void compare(TType tensor, JsonNode expected) {
        assertEquals(
                expected.get("shape").toString(),
                Arrays.toString(tensor.shape().asArray()).replace(" ", ""));
        JsonNode values = expected.get("values");
        double full = 0;
        for (JsonNode value : values) {
            full = Math.max(full, Math.abs(value.asDouble()));
        }
        NumericElements elements = NumericElements.of(tensor);
        double worst = 0;
        for (int i = 0; i < elements.size(); i++) {
            worst = Math.max(worst, Math.abs(elements.get(i) - values.get(i).asDouble()));
        }
        double error = worst / full;
        assertTrue(error <= TOLERANCE, () -> "off by " + error + " of full scale");
    }
}
