package io.bactrian.model;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a model's scheduler, with defaults in parentheses. The constructor throws
 * {@link IllegalArgumentException}, naming the setting, if one is out of its range.
 *
 * @param batching whether requests share runs (AUTO)
 * @param maxBatchSize the maximum number of rows in a shared run, 1 to {@value #MAX_BATCH_SIZE}; a
 *     larger request runs alone ({@value #DEFAULT_MAX_BATCH_SIZE})
 * @param maxDelay how long a request waits for others to share its run even though the model is
 *     idle, zero to 1 minute (zero)
 * @param maxEnqueuedBatches the capacity of the queue in full batches; multiplied by {@code
 *     maxBatchSize} it is the number of requests that may wait, regardless of their rows ({@value
 *     #DEFAULT_MAX_ENQUEUED_BATCHES})
 * @param concurrentRuns the maximum number of concurrent runs (one per core that this process may
 *     use)
 * @param allowedBatchSizes the numbers of rows that runs of batched signatures may have, in
 *     ascending order, ending with {@code maxBatchSize}; a smaller batch is padded by repeating its
 *     last row. Empty for any number (empty)
 * @param paddingValue the element that pads shorter rows, so that rows of different lengths can
 *     share a run: a number, {@code true}, {@code false} or a text, according to the input's dtype;
 *     null if they must not share one. Outputs are not trimmed: a request may get longer rows than
 *     it would alone (null)
 */
public record SchedulerConfig(
        Batching batching,
        int maxBatchSize,
        Duration maxDelay,
        int maxEnqueuedBatches,
        int concurrentRuns,
        List<Integer> allowedBatchSizes,
        @Nullable String paddingValue) {

    /** Whether requests share runs. */
    public enum Batching {
        /** If rows are proven to be independent and a measurement at load shows that it pays. */
        AUTO,
        /** If the signature has a batch dimension and no side effects. */
        ON,
        /** Never. */
        OFF
    }

    static final int MAX_BATCH_SIZE = 1_000_000;
    static final int DEFAULT_MAX_BATCH_SIZE = 32;
    static final int DEFAULT_MAX_ENQUEUED_BATCHES = 16;

    private static final int MAX_CONCURRENT_RUNS = 1000;
    private static final Duration MAX_DELAY = Duration.ofMinutes(1);

    /**
     * Checks that the values are in range.
     *
     * @param batching whether requests share runs
     * @param maxBatchSize the maximum number of rows in a shared run
     * @param maxDelay how long a request waits for others although the model is idle
     * @param maxEnqueuedBatches the capacity of the queue in full batches
     * @param concurrentRuns the maximum number of concurrent runs
     * @param allowedBatchSizes the numbers of rows that batched runs may have; empty for any
     * @param paddingValue the element that pads shorter rows; null for none
     * @throws IllegalArgumentException naming the value that is not
     */
    public SchedulerConfig {
        check("the maximum batch size", maxBatchSize, 1, MAX_BATCH_SIZE);
        check("the number of enqueued batches", maxEnqueuedBatches, 1, Integer.MAX_VALUE);
        check("the number of runs at the same time", concurrentRuns, 1, MAX_CONCURRENT_RUNS);
        if (maxDelay.isNegative() || maxDelay.compareTo(MAX_DELAY) > 0) {
            throw new IllegalArgumentException(
                    "the batch timeout must be from zero to 1 minute, got " + maxDelay);
        }
        allowedBatchSizes = List.copyOf(allowedBatchSizes);
        int previous = 0;
        for (int size : allowedBatchSizes) {
            if (size <= previous) {
                throw new IllegalArgumentException(
                        "the allowed batch sizes must be positive and ascending, got "
                                + allowedBatchSizes);
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

    /** {@return the default configuration} */
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

    /** {@return the number of requests that may wait} */
    int capacity() {
        return (int) Math.min(Integer.MAX_VALUE, (long) maxEnqueuedBatches * maxBatchSize);
    }

    /**
     * {@return the number of rows to run, padding included}
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

    private static void check(String what, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    what + " must be from " + min + " to " + max + ", got " + value);
        }
    }
}
