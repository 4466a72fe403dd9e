package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TInt32;

/** Simulated models, which only wait. */
class BatchingBenchmarkTest {

    private static final Signature SIGNATURE =
            new Signature(
                    "s",
                    "",
                    Map.of("x", new TensorSpec("x", "x:0", DataType.DT_INT32, Shape.of(-1))),
                    Map.of("y", new TensorSpec("y", "y:0", DataType.DT_INT32, Shape.of(-1))),
                    null);

    private static BatchingBenchmark.Result trial(
            LongUnaryOperator microsOfRows, LongUnaryOperator rowsOut) {
        long open = NamedTensors.open();
        try (NamedTensors single = NamedTensors.of("x", TInt32.vectorOf(0))) {
            return BatchingBenchmark.run(
                    (signature, inputs, deadline) -> {
                        long rows = inputs.get("x").shape().get(0);
                        long end = System.nanoTime() + 1000 * microsOfRows.applyAsLong(rows);
                        while (System.nanoTime() < end) {
                            LockSupport.parkNanos(end - System.nanoTime());
                        }
                        return NamedTensors.of(
                                "y", TInt32.tensorOf(Shape.of(rowsOut.applyAsLong(rows))));
                    },
                    SIGNATURE,
                    single.asMap(),
                    32,
                    2,
                    Duration.ofMillis(200));
        } finally {
            assertTrue(NamedTensors.open() <= open);
        }
    }

    @Test
    void batchingPaysIfRowsAddNoTime() {
        BatchingBenchmark.Result result = trial(rows -> 2000, rows -> rows);
        assertTrue(result.pays(), result.toString());
        assertTrue(result.rows() <= 8);
        assertTrue(result.savedMicros() > 500, result.toString());
    }

    /** Eight rows take as long as one, but only a few microseconds. */
    @Test
    void batchingDoesNotPayForVeryShortRuns() {
        BatchingBenchmark.Result result = trial(rows -> 0, rows -> rows);
        assertFalse(result.pays(), result.toString());
        assertTrue(result.savedMicros() < 200, result.toString());
    }

    /** Durations in microseconds. */
    @ParameterizedTest
    @CsvSource({
        "8, 232, 232, 8, 203, true",
        "8, 224, 224, 8, 196, false",
        "2, 2000, 3200, 1.25, 400, true",
        "2, 2000, 3400, 1.176, 300, false",
        "8, 100, 8000, 0.1, -900, false"
    })
    void speedupAndSavedTimeMustExceedTheirMinimum(
            int rows, double single, double batch, double speedup, double spared, boolean pays) {
        BatchingBenchmark.Result result =
                BatchingBenchmark.Result.of(rows, 1000 * single, 1000 * batch);
        assertEquals(speedup, result.speedup(), 0.001);
        assertEquals(spared, result.savedMicros(), 0.001);
        assertEquals(pays, result.pays());
    }

    @Test
    void batchingDoesNotPayIfTimeGrowsWithRows() {
        BatchingBenchmark.Result result = trial(rows -> 2000 * rows * rows, rows -> rows);
        assertFalse(result.pays(), result.toString());
    }

    @Test
    void slowModelIsMeasuredWithFewerRowsOrNotAtAll() {
        assertTrue(trial(rows -> 20_000, rows -> rows).rows() < 8);
        assertNull(trial(rows -> 50_000, rows -> rows));
    }

    @Test
    void outputsThatAreNotRowsAreDetected() {
        assertThrows(BrokenBatchException.class, () -> trial(rows -> 10, rows -> 1));
    }
}
