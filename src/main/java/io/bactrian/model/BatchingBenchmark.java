package io.bactrian.model;

import io.bactrian.model.PredictionScheduler.Runner;
import io.bactrian.tensor.NamedTensors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * The measurement of whether batching a signature pays. Single rows and batches are run
 * alternately, with as many concurrent runs as the scheduler allows, and their rows per second are
 * compared. The time of a batch includes joining and splitting.
 *
 * <p>A small model processes eight rows in hardly more time than one, while a large model that
 * saturates a core with one row gains nothing from a batch and loses cache locality. The time saved
 * must also outweigh the overhead of handing results to other threads.
 *
 * <p>The best turn of each kind counts, since load from other processes only adds time. Only one
 * measurement runs at a time, although models are loaded in parallel.
 */
final class BatchingBenchmark {

    /**
     * The result of a measurement.
     *
     * @param rows the number of rows in a batch
     * @param speedup rows per second in batches, relative to single rows
     * @param savedMicros the time that a batch saves per row, in microseconds; negative if it takes
     *     longer
     */
    record Result(int rows, double speedup, double savedMicros) {

        /**
         * @param rows the number of rows in a batch
         * @param single the time of a run of one row, in nanoseconds
         * @param batch the time of a run of a batch, in nanoseconds
         */
        static Result of(int rows, double single, double batch) {
            double share = batch / rows;
            return new Result(rows, single / share, (single - share) / 1000);
        }

        boolean pays() {
            return speedup >= MIN_SPEEDUP && savedMicros >= MIN_SAVED_MICROS;
        }

        /** {@return whether a further turn would only cost start-up time} */
        private boolean isClear() {
            return speedup >= CLEAR_SPEEDUP && savedMicros >= 2 * MIN_SAVED_MICROS;
        }
    }

    /** Lower speedups are outweighed by the cost of parking and unparking threads. */
    private static final double MIN_SPEEDUP = 1.2;

    /**
     * A batch must save more than it costs a request to be parked during another's run and unparked
     * with its result: about 150 µs of processor time.
     */
    private static final double MIN_SAVED_MICROS = 200;

    private static final double CLEAR_SPEEDUP = 2;

    private static final int ROWS = 8;
    private static final int TURNS = 3;
    private static final int TIMED_RUNS = 2;

    /** The runs of a batch that must fit the budget. The slow first run takes most of it. */
    private static final int RUNS_IN_BUDGET = 3;

    private static final Object MEASUREMENT_LOCK = new Object();

    private final Runner runner;
    private final Signature signature;
    private final Map<String, TType> single;
    private final int rows;

    private BatchingBenchmark(
            Runner runner, Signature signature, Map<String, TType> single, int rows) {
        this.runner = runner;
        this.signature = signature;
        this.single = single;
        this.rows = rows;
    }

    /**
     * {@return the result; null if a run of one row takes too long to measure: such a model
     * saturates the processor by itself}
     *
     * @param single the inputs of one row, still owned by the caller
     * @param maxRows the maximum number of rows in a batch
     * @param threads the number of concurrent runs
     * @param budget the approximate time limit
     * @throws RuntimeException if a run fails
     * @throws BrokenBatchException if the outputs of a batch have another number of rows than its
     *     inputs
     */
    static @Nullable Result run(
            Runner runner,
            Signature signature,
            Map<String, TType> single,
            int maxRows,
            int threads,
            Duration budget) {
        synchronized (MEASUREMENT_LOCK) {
            runner.run(signature, single).close();
            long took = Long.MAX_VALUE;
            for (int i = 0; i < TIMED_RUNS; i++) {
                long start = System.nanoTime();
                runner.run(signature, single).close();
                took = Math.min(took, System.nanoTime() - start);
            }
            int rows =
                    (int)
                            Math.min(
                                    Math.min(maxRows, ROWS),
                                    budget.toNanos() / Math.max(1, RUNS_IN_BUDGET * took));
            if (rows < 2) {
                return null;
            }
            BatchingBenchmark benchmark = new BatchingBenchmark(runner, signature, single, rows);
            return benchmark.measure(threads, budget);
        }
    }

    private @Nullable Result measure(int threads, Duration budget) {
        long end = System.nanoTime() + budget.toNanos();
        runBatch();
        long turn = Math.max(0, end - System.nanoTime()) / (2 * TURNS);
        double bestSingle = 0;
        double bestBatch = 0;
        Result result = null;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            for (int i = 0; i < TURNS; i++) {
                bestSingle = Math.max(bestSingle, rate(executor, threads, turn, this::runSingle));
                bestBatch = Math.max(bestBatch, rate(executor, threads, turn, this::runBatch));
                result = Result.of(rows, threads / bestSingle, threads / bestBatch);
                if (result.isClear() || System.nanoTime() - end > 0) {
                    break;
                }
            }
        } finally {
            awaitEnd(executor);
        }
        return result;
    }

    /** Waits until no run reads the caller's tensors. */
    private static void awaitEnd(ExecutorService executor) {
        executor.shutdown();
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = executor.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void runSingle() {
        runner.run(signature, single).close();
    }

    private void runBatch() {
        List<Map<String, TType>> members = Collections.nCopies(rows, single);
        try (NamedTensors joined = TensorBatch.join(members, rows, Map.of());
                NamedTensors outputs = runner.run(signature, joined.asMap())) {
            String problem = TensorBatch.problem(outputs, rows);
            if (problem != null) {
                throw new BrokenBatchException(problem);
            }
            int[] ones = new int[rows];
            Arrays.fill(ones, 1);
            TensorBatch.split(outputs, ones).forEach(NamedTensors::close);
        }
    }

    /** {@return the runs per nanosecond of all threads together} */
    private static double rate(
            ExecutorService executor, int threads, long nanos, Runnable runnable) {
        List<Future<Double>> rates = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            rates.add(
                    executor.submit(
                            () -> {
                                long start = System.nanoTime();
                                int runs = 0;
                                long ran;
                                do {
                                    runnable.run();
                                    runs++;
                                    ran = System.nanoTime() - start;
                                } while (ran < nanos);
                                return runs / (double) ran;
                            }));
        }
        double sum = 0;
        try {
            for (Future<Double> rate : rates) {
                sum += rate.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        }
        return sum;
    }
}
