package io.bactrian.postprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.postprocess.CtcPostprocessor.Blank;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * CTC against TensorFlow: scores/ctc.json, which src/test/python/make_ctc_answers.py has written.
 */
class CtcPostprocessorTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    private final CtcPostprocessor ctc = new CtcPostprocessor();

    @AfterAll
    static void close() throws IOException {
        CONTEXT.close();
    }

    static Stream<Arguments> cases() throws IOException {
        List<Arguments> cases = new ArrayList<>();
        JsonNode logits = null;
        try (InputStream in = CtcPostprocessorTest.class.getResourceAsStream("/scores/ctc.json")) {
            for (JsonNode each : new ObjectMapper().readTree(in)) {
                logits = each.get("logits").isNull() ? logits : each.get("logits");
                cases.add(
                        Arguments.of(
                                each.get("shape") + ", " + each.get("beamWidth"), each, logits));
            }
        }
        assertEquals(60, cases.size());
        return cases.stream();
    }

    private Object answer(Shape shape, float... values) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        RequestItems.setList(exchange, shape.get(0) > 1);
        return answer(exchange, shape, values);
    }

    private Object answer(Exchange exchange, Shape shape, float... values) {
        ExchangeTensors.setBody(
                exchange, NamedTensors.of("y", TFloat32.tensorOf(shape, DataBuffers.of(values))));
        try {
            ctc.process(exchange);
            return exchange.getMessage().getBody();
        } finally {
            Exchanges.done(exchange);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void textsAreThoseOfTensorFlow(String name, JsonNode expected, JsonNode logits) {
        JsonNode shape = expected.get("shape");
        int classes = shape.get(2).asInt();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < classes - 1; i++) {
            names.add(String.valueOf(expected.get("blank").asText().equals("FIRST") ? i + 1 : i));
        }
        ctc.setLabels(String.join(",", names));
        ctc.setBlank(Blank.valueOf(expected.get("blank").asText()));
        ctc.setBeamWidth(
                expected.get("beamWidth").isNull() ? null : expected.get("beamWidth").asInt());
        ctc.setLogits(true);
        ctc.setSeparator(" ");
        ctc.setConfidenceField("p");
        float[] values = new float[logits.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = logits.get(i).floatValue();
        }

        Object answer =
                answer(Shape.of(shape.get(0).asLong(), shape.get(1).asLong(), classes), values);

        List<?> rows = answer instanceof List<?> list ? list : List.of(answer);
        assertEquals(expected.get("texts").size(), rows.size());
        for (int row = 0; row < rows.size(); row++) {
            Map<?, ?> each = (Map<?, ?>) rows.get(row);
            List<String> text = new ArrayList<>();
            expected.get("texts").get(row).forEach(id -> text.add(id.asText()));
            assertEquals(String.join(" ", text), each.get("text"));
            if (!expected.get("probabilities").isNull()) {
                double probability = expected.get("probabilities").get(row).asDouble();
                assertEquals(probability, (Double) each.get("p"), 1e-5 * probability + 1e-12);
            }
        }
    }

    /** Steps b b - b a - , of classes a, b and the blank. */
    private static final float[] PROBABILITIES = {
        .1f, .8f, .1f, .2f, .7f, .1f, 0, 0, 1, .3f, .5f, .2f, .9f, .1f, 0, .1f, .1f, .8f
    };

    @Test
    void repeatedClassesAreMergedAndBlanksLeftOut() {
        ctc.setAlphabet("ab");
        assertEquals(Map.of("text", "bba"), answer(Shape.of(1, 6, 3), PROBABILITIES));
        ctc.setMergeRepeated(false);
        assertEquals(Map.of("text", "bbba"), answer(Shape.of(1, 6, 3), PROBABILITIES));
    }

    @Test
    void confidenceIsTheProbabilityOfTheBestAlignment() {
        ctc.setAlphabet("ab");
        ctc.setField("");
        ctc.setConfidenceField("confidence");
        Map<?, ?> answer = (Map<?, ?>) answer(Shape.of(1, 6, 3), PROBABILITIES);
        assertEquals(1, answer.size());
        assertEquals(.8 * .7 * 1 * .5 * .9 * .8, (Double) answer.get("confidence"), 1e-5);
    }

    @ParameterizedTest
    @CsvSource({"-1, , -1.0", "-1, 3, -1.0", "NaN, , NaN", "Infinity, 3, Infinity"})
    void scoreThatIsNoProbabilityIsAFault(float score, Integer beamWidth, String described) {
        ctc.setAlphabet("ab");
        ctc.setBeamWidth(beamWidth);
        assertEquals(
                "CtcPostprocessor: the model's score is "
                        + described
                        + ", expected a probability; set logits: true if it is a logit",
                assertThrows(
                                PipelineFaultException.class,
                                () -> answer(Shape.of(1, 1, 3), 2, score, 0))
                        .getMessage());
    }

    @Test
    void searchEndsAtTheDeadline() {
        ctc.setAlphabet("ab");
        ctc.setBeamWidth(3);
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.setProperty(PipelineConstants.DEADLINE, Deadline.after(Duration.ZERO));
        assertThrows(
                DeadlineExceededException.class,
                () -> answer(exchange, Shape.of(1, 1, 3), 1, 0, 0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "y float32 -1 -1 4 | alphabet has 2 names for 3 classes: the blank aside, output",
                "y float32 -1 3 | expected scores of shape [rows, steps, classes], but output",
                "y string -1 -1 3 | expected numbers, but output",
            })
    void signatureThatDoesNotFitIsReportedAtStart(String outputs, String message) {
        ctc.setAlphabet("ab");
        String fault =
                assertThrows(
                                PipelineFaultException.class,
                                () -> ctc.bindOutputs(List.of(Signatures.outputs(outputs))))
                        .getMessage();
        assertTrue(fault.startsWith(message), fault);
    }

    @Test
    void namesMustBeInOnePlace() {
        List<io.bactrian.pipeline.SignatureTensors> outputs =
                List.of(Signatures.outputs("y float32 -1 -1 3"));
        assertEquals(
                "set alphabet, labels or labelsFile",
                assertThrows(PipelineFaultException.class, () -> ctc.bindOutputs(outputs))
                        .getMessage());
        ctc.setAlphabet("ab");
        ctc.setLabels("a, b");
        assertEquals(
                "alphabet and labels are both set: keep one of them",
                assertThrows(PipelineFaultException.class, () -> ctc.bindOutputs(outputs))
                        .getMessage());
    }
}
