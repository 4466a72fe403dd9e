package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bactrian.model.SchedulerConfig.Batching;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulerConfigTest {

    @Test
    void defaultsApply() {
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
    void allowedSizesAscendToTheMaximum() {
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
