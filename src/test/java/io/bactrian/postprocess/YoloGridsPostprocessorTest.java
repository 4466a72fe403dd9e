package io.bactrian.postprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/** The answers themselves are compared with NumPy's and TensorFlow's in ScoreAnswersTest. */
class YoloGridsPostprocessorTest {

    private final DefaultCamelContext context = new DefaultCamelContext();

    @AfterEach
    void close() throws IOException {
        context.close();
    }

    private static YoloGridsPostprocessor step(String anchors, String strides) {
        YoloGridsPostprocessor step = new YoloGridsPostprocessor();
        step.setAnchors(anchors);
        step.setStrides(strides);
        return step;
    }

    private static String refusal(YoloGridsPostprocessor step, String outputs) {
        return assertThrows(
                        PipelineFaultException.class,
                        () -> step.bindOutputs(List.of(Signatures.outputs(outputs))))
                .getMessage();
    }

    private Object answer(DetectionsPostprocessor step, NamedTensors outputs) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(outputs);
        step.setCamelContext(context);
        step.start();
        try (outputs) {
            step.process(exchange);
            return exchange.getMessage().getBody();
        } finally {
            step.stop();
            Exchanges.done(exchange);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1, x", "0, 1", "-1, 2", "NaN, 1", "1,, 2"})
    void sizesArePositiveNumbers(String sizes) {
        YoloGridsPostprocessor step = new YoloGridsPostprocessor();
        assertThrows(PipelineFaultException.class, () -> step.setAnchors(sizes));
        assertThrows(PipelineFaultException.class, () -> step.setStrides(sizes));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1, 2, 3, 4, 5, 6 | 8, 16 | a float32 -1 4 4 7, b float32 -1 2 2 7 | anchors has 6 numbers, expected width and height of as many anchors for each of the 2 strides",
                "1, 2 | 8 | a float32 -1 4 4 7, b float32 -1 2 2 7 | strides has 1 numbers, expected one for each of the grids [a, b]",
                "1, 2, 3, 4 | 8 | a float32 -1 4 4 15 | expected a grid of shape [images, rows, columns, 2 * (5 + classes)]",
                "1, 2, 3, 4 | 8 | a float32 -1 4 4 10 | expected a grid of shape",
                "1, 2, 3, 4 | 8 | a float32 -1 4 4 3 7 | expected a grid of shape",
                "1, 2, 3, 4 | 8 | a float32 -1 4 14 | expected a grid of shape",
                "1, 2, 3, 4 | 8 | a string -1 4 4 14 | expected numbers, but"
            })
    void outputThatIsNoGridIsDescribed(
            String anchors, String strides, String outputs, String message) {
        String refusal = refusal(step(anchors, strides), outputs);
        assertTrue(refusal.startsWith(message), refusal);
    }

    @Test
    void labelsAreCounted() {
        YoloGridsPostprocessor step = step("1, 2", "8");
        step.setLabels("a, b, c");
        String refusal = refusal(step, "grid float32 -1 4 4 7");
        assertTrue(refusal.startsWith("labels has 3 names for 2 classes"), refusal);
        step.setLabels("a, b");
        step.bindOutputs(List.of(Signatures.outputs("grid float32 -1 -1 -1 7")));
    }

    @Test
    void oneCellIsDecoded() {
        YoloGridsPostprocessor step = step("6, 10", "16");
        step.setWholeNumbers(true);
        step.setBoxForm(BoxForm.CENTER_SIZE);
        float[] cell = {0, 0, 0, 0, 20, -20, 20};
        Object answer =
                answer(
                        step,
                        NamedTensors.of(
                                "grid",
                                TFloat32.tensorOf(Shape.of(1, 1, 1, 7), DataBuffers.of(cell))));
        assertEquals(
                "{detections=[{class_id=1, confidence=1.0, x=8, y=8, width=6, height=10}]}",
                answer.toString());
    }

    /** With many boxes that overlap none, suppression takes time in proportion to their square. */
    @Test
    void deadlineHoldsWhileBoxesAreCompared() {
        Exchange exchange = new DefaultExchange(context);
        ExchangeDeadline.set(exchange, Deadline.after(Duration.ZERO));
        YoloGridsPostprocessor step = step("1, 2", "8");
        step.setCamelContext(context);
        try (NamedTensors grid = NamedTensors.of("grid", TFloat32.tensorOf(Shape.of(1, 1, 1, 6)))) {
            exchange.getMessage().setBody(grid);
            assertThrows(DeadlineExceededException.class, () -> step.process(exchange));
        } finally {
            Exchanges.done(exchange);
        }
    }

    @Test
    void gridsOfOtherImagesAreAnError() {
        PipelineFaultException fault =
                assertThrows(
                        PipelineFaultException.class,
                        () ->
                                answer(
                                        step("1, 2, 3, 4", "8, 16"),
                                        NamedTensors.builder()
                                                .put("a", TFloat32.tensorOf(Shape.of(1, 2, 2, 7)))
                                                .put("b", TFloat32.tensorOf(Shape.of(2, 1, 1, 7)))
                                                .build()));
        assertTrue(
                fault.getMessage().contains("expected grids of the same images and classes"),
                fault.getMessage());
    }

    @Test
    void someClassesAreAnsweredAndCounted() {
        BoxesPostprocessor step = new BoxesPostprocessor();
        step.setClasses("1, 3");
        step.setCountField("count");
        step.setField("");
        TFloat32 rows =
                TFloat32.tensorOf(
                        Shape.of(3, 6),
                        DataBuffers.of(
                                1, 0.9f, 0, 0, 1, 1, 2, 0.9f, 0, 0, 1, 1, 3, 0.8f, 0, 0, 1, 1));
        assertEquals(Map.of("count", 2), answer(step, NamedTensors.of("boxes", rows)));
        for (String classes : List.of("", "a", "-1", "1.5", "1,,2", "9999999999")) {
            assertThrows(PipelineFaultException.class, () -> step.setClasses(classes));
        }
        step.setField("count");
        assertEquals(
                "BoxesPostprocessor: field and countField are both \"count\"",
                assertThrows(
                                PipelineFaultException.class,
                                () -> answer(step, NamedTensors.of("boxes", TFloat32.vectorOf(1))))
                        .getMessage());
    }
}
