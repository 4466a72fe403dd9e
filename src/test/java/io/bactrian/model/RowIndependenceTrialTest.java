package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.TensorSpec;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

class RowIndependenceTrialTest {

    private long open;

    @BeforeEach
    void count() {
        open = NamedTensors.open();
    }

    @AfterEach
    void noTensorStaysOpen() {
        assertTrue(NamedTensors.open() <= open);
    }

    private static Signature signature(DataType dtype, long... sizes) {
        return new Signature(
                "s",
                "",
                Map.of("x", new TensorSpec("x", "x:0", dtype, Shape.of(sizes))),
                Map.of("y", new TensorSpec("y", "y:0", dtype, Shape.of(sizes))),
                null);
    }

    /** Of float32 [rows]. */
    private static String trial(UnaryOperator<float[]> model) {
        return new RowIndependenceTrial(
                        (signature, inputs, deadline) -> {
                            TType x = inputs.get("x");
                            float[] values = new float[(int) x.shape().size()];
                            NativeMemory.of(x).asFloatBuffer().get(values);
                            TFloat32 y = TFloat32.tensorOf(x.shape());
                            NativeMemory.of(y).asFloatBuffer().put(model.apply(values));
                            return NamedTensors.of("y", y);
                        },
                        signature(DataType.DT_FLOAT, -1))
                .differingOutput();
    }

    private static float[] each(float[] values, UnaryOperator<Float> function) {
        float[] results = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            results[i] = function.apply(values[i]);
        }
        return results;
    }

    @Test
    void equalRowsAreNotRefuted() {
        assertNull(trial(values -> each(values, value -> 2 * value)));
    }

    @Test
    void roundingIsNotADifference() {
        assertNull(trial(values -> each(values, value -> value + 1e-5f * values.length)));
    }

    @Test
    void sumOverRowsIsRefuted() {
        assertEquals(
                "y",
                trial(
                        values -> {
                            float sum = 0;
                            for (float value : values) {
                                sum += value;
                            }
                            float total = sum;
                            return each(values, value -> value / total);
                        }));
    }

    @Test
    void reversedRowsAreRefuted() {
        assertEquals(
                "y",
                trial(
                        values -> {
                            float[] reversed = new float[values.length];
                            for (int i = 0; i < values.length; i++) {
                                reversed[i] = values[values.length - 1 - i];
                            }
                            return reversed;
                        }));
    }

    @Test
    void modelThatRejectsRandomInputIsNotRefuted() {
        RowIndependenceTrial trial =
                new RowIndependenceTrial(
                        (signature, inputs, deadline) -> {
                            throw new BadInputException("not an image");
                        },
                        signature(DataType.DT_STRING, -1));
        assertNull(trial.differingOutput());
    }

    @Test
    void anotherSizeIsTriedIfOneIsRejected() {
        AtomicInteger runs = new AtomicInteger();
        RowIndependenceTrial trial =
                new RowIndependenceTrial(
                        (signature, inputs, deadline) -> {
                            Shape shape = inputs.get("x").shape();
                            if (shape.get(1) != 1) {
                                throw new BadInputException("takes one column");
                            }
                            runs.incrementAndGet();
                            TFloat32 y = TFloat32.tensorOf(shape);
                            NativeMemory.of(y).put(NativeMemory.of(inputs.get("x")));
                            return NamedTensors.of("y", y);
                        },
                        signature(DataType.DT_FLOAT, -1, -1));
        assertNull(trial.differingOutput());
        assertEquals(5, runs.get());
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void randomRowsExistForEveryDtype(DType dtype) {
        RowIndependenceTrial trial =
                new RowIndependenceTrial(
                        (signature, inputs, deadline) -> {
                            assertEquals(dtype.dataType(), inputs.get("x").dataType());
                            throw new BadInputException("that is all");
                        },
                        signature(dtype.dataType(), -1, 3, -1));
        assertNull(trial.differingOutput());
    }
}
