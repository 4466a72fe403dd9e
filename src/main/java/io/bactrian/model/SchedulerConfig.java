package io.bactrian.model;

import java.time.Duration;
import java.util.List;

/**
 * How a model's requests are run.
 *
 * @param batching whether requests may share a run; by default measured for each signature
 * @param maxBatchSize rows in a shared run, 1 to {@value #MAX_BATCH_SIZE}; a request with more runs
 *     alone ({@value #DEFAULT_MAX_BATCH_SIZE})
 * @param maxDelay how long a request that could share a run waits for others although the model is
 *     idle, zero to 1 minute (zero)
 * @param maxEnqueuedBatches full batches that may wait: times {@code maxBatchSize} it is how many
 *     requests may, of how many rows whatever ({@value #DEFAULT_MAX_ENQUEUED_BATCHES})
 * @param concurrentRuns runs at the same time (one for each core that this process may use)
 * @param allowedBatchSizes the only numbers of rows that are run, in rising order, the last being
 *     {@code maxBatchSize}: fewer are made up by repeating the last row, whose answers are dropped;
 *     empty for any number. It holds for signatures that are batched
 * @param paddingValue what is put behind the shorter of two rows that differ in length, so that
 *     they can share a run: a number, {@code true}, {@code false} or a text, as the input's dtype
 *     wants it; null if rows that differ in length may not share one. What a model gives for the
 *     padding is not cut off: a request may get longer rows than it would alone
 */
public record SchedulerConfig(
        Batching batching,
        int maxBatchSize,
        Duration maxDelay,
        int maxEnqueuedBatches,
        int concurrentRuns,
        List<Integer> allowedBatchSizes,
        String paddingValue) {

    /** Whether requests may share a run. */
    public enum Batching {
        /** Where a measurement at load says that it pays. */
        AUTO,
        /** Wherever the signature allows it. */
        ON,
        /** Never. */
        OFF
    }

    static final int MAX_BATCH_SIZE = 1_000_000;
    static final int DEFAULT_MAX_BATCH_SIZE = 32;
    static final int DEFAULT_MAX_ENQUEUED_BATCHES = 16;

    private static final int MAX_CONCURRENT_RUNS = 1000;
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(1);

    /**
     * @throws IllegalArgumentException naming the setting that is out of its range
     */
    public SchedulerConfig {
        check("the maximum batch size", maxBatchSize, 1, MAX_BATCH_SIZE);
        check("the number of enqueued batches", maxEnqueuedBatches, 1, Integer.MAX_VALUE);
        check("the number of runs at the same time", concurrentRuns, 1, MAX_CONCURRENT_RUNS);
        if (maxDelay.isNegative() || maxDelay.compareTo(LONGEST_DELAY) > 0) {
            throw new IllegalArgumentException(
                    "the batch timeout must be from zero to 1 minute, got " + maxDelay);
        }
        allowedBatchSizes = List.copyOf(allowedBatchSizes);
        int previous = 0;
        for (int size : allowedBatchSizes) {
            if (size <= previous) {
                throw new IllegalArgumentException(
                        "the allowed batch sizes must rise from 1 up, got " + allowedBatchSizes);
            }
            previous = size;
        }
        if (previous != 0 && previous != maxBatchSize) {
            throw new IllegalArgumentException(
                    "the last of the allowed batch sizes "
                            + allowedBatchSizes
                            + " must be the maximum batch size, "
                            + maxBatchSize);
        }
    }

    /** {@return what holds where nothing is set} */
    public static SchedulerConfig defaults() {
        return new SchedulerConfig(
                Batching.AUTO,
                DEFAULT_MAX_BATCH_SIZE,
                Duration.ZERO,
                DEFAULT_MAX_ENQUEUED_BATCHES,
                Runtime.getRuntime().availableProcessors(),
                List.of(),
                null);
    }

    static Duration micros(long micros) {
        return Duration.ofNanos(Math.multiplyExact(micros, 1000L));
    }

    /** {@return how many requests may wait} */
    int capacity() {
        return (int) Math.min(Integer.MAX_VALUE, (long) maxEnqueuedBatches * maxBatchSize);
    }

    /**
     * {@return how many rows to run for them}
     *
     * @param rows at most {@code maxBatchSize}
     */
    int paddedRows(int rows) {
        for (int size : allowedBatchSizes) {
            if (size >= rows) {
                return size;
            }
        }
        return rows;
    }

    private static void check(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    what + " must be from " + least + " to " + most + ", got " + value);
        }
    }
}
