package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.model.SchedulerConfig.Batching;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SchedulerConfigTest {

    @Test
    void whereNothingIsSetTheDefaultsHold() {
        SchedulerConfig config = SchedulerConfig.defaults();
        assertEquals(Batching.AUTO, config.batching());
        assertEquals(32, config.maxBatchSize());
        assertEquals(Duration.ZERO, config.maxDelay());
        assertEquals(16, config.maxEnqueuedBatches());
        assertEquals(512, config.capacity());
        assertEquals(Runtime.getRuntime().availableProcessors(), config.concurrentRuns());
        assertEquals(List.of(), config.allowedBatchSizes());
        assertEquals(7, config.paddedRows(7));
    }

    @Test
    void sageMakersVariablesAreRead() {
        SchedulerConfig config =
                SchedulerConfig.of(
                        Map.of(
                                "SAGEMAKER_TFS_ENABLE_BATCHING", "True",
                                "SAGEMAKER_TFS_MAX_BATCH_SIZE", "8",
                                "SAGEMAKER_TFS_BATCH_TIMEOUT_MICROS", "1500",
                                "SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES", "3",
                                "SAGEMAKER_TFS_NUM_BATCH_THREADS", " 5 "));
        assertEquals(
                new SchedulerConfig(
                        Batching.ON, 8, Duration.ofNanos(1_500_000), 3, 5, List.of(), null),
                config);
        assertEquals(
                Batching.OFF,
                SchedulerConfig.of(Map.of("SAGEMAKER_TFS_ENABLE_BATCHING", "false")).batching());
    }

    @Test
    void batchTransformIsNeverRefused() {
        SchedulerConfig config = SchedulerConfig.of(Map.of("SAGEMAKER_BATCH", "true"));
        assertEquals(100_000_000, config.maxEnqueuedBatches());
        assertEquals(Integer.MAX_VALUE, config.capacity());
    }

    @Test
    void aWrongVariableIsNamed() {
        for (Map.Entry<String, String> wrong :
                Map.of(
                                "SAGEMAKER_TFS_ENABLE_BATCHING", "yes",
                                "SAGEMAKER_TFS_MAX_BATCH_SIZE", "0",
                                "SAGEMAKER_TFS_BATCH_TIMEOUT_MICROS", "-1",
                                "SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES", "many",
                                "SAGEMAKER_TFS_NUM_BATCH_THREADS", "1.5")
                        .entrySet()) {
            IllegalArgumentException e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> SchedulerConfig.of(Map.of(wrong.getKey(), wrong.getValue())));
            assertTrue(
                    e.getMessage().startsWith(wrong.getKey() + " must be")
                            && e.getMessage().contains("\"" + wrong.getValue() + "\""),
                    e.getMessage());
        }
    }

    @Test
    void allowedSizesRiseToTheMaximum() {
        SchedulerConfig config = allowing(List.of(1, 4, 8));
        assertEquals(1, config.paddedRows(1));
        assertEquals(4, config.paddedRows(2));
        assertEquals(8, config.paddedRows(8));
        assertThrows(IllegalArgumentException.class, () -> allowing(List.of(4, 4, 8)));
        assertThrows(IllegalArgumentException.class, () -> allowing(List.of(1, 4)));
        assertThrows(IllegalArgumentException.class, () -> allowing(List.of(0, 8)));
    }

    private static SchedulerConfig allowing(List<Integer> sizes) {
        return new SchedulerConfig(Batching.ON, 8, Duration.ZERO, 1, 1, sizes, null);
    }
}
