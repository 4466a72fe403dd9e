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
import org.tensorflow.types.family.TType;

/**
 * Finds out whether a signature's batches pay: single rows and batches are run in turns, as many at
 * the same time as the scheduler will, and their rows a second compared. A batch counts with its
 * joining and splitting.
 *
 * <p>It must be measured: a small model is done with eight rows as soon as with one, while a large
 * one that fills a core with one row gains nothing from a batch and loses its caches. What is
 * spared must also be worth a request's waiting for others.
 *
 * <p>Each kind is judged by its best turn, since a busy machine only ever makes a turn slower. One
 * trial runs at a time in a process, so that models that are loaded side by side are not.
 */
final class BatchingBenchmark {

    /**
     * What was found.
     *
     * @param rows in a batch
     * @param speedup rows a second in batches over rows a second one by one
     * @param sparedMicros how much less of a run's time a row takes in a batch than alone, in
     *     microseconds; below zero if it takes more
     */
    record Result(int rows, double speedup, double sparedMicros) {

        /**
         * @param single the time of a run of one row, in nanoseconds
         * @param batch the time of a run of {@code rows} rows, in nanoseconds
         */
        static Result of(int rows, double single, double batch) {
            double share = batch / rows;
            return new Result(rows, single / share, (single - share) / 1000);
        }

        boolean pays() {
            return speedup >= MIN_SPEEDUP && sparedMicros >= MIN_SPARED_MICROS;
        }

        /** Pays so much that a second look is a waste of start-up time. */
        private boolean isClear() {
            return speedup >= CLEAR_SPEEDUP && sparedMicros >= 2 * MIN_SPARED_MICROS;
        }
    }

    /** Waiting for company and waking the others cost something as well. */
    private static final double MIN_SPEEDUP = 1.2;

    /**
     * Waiting for a run of others' and being woken with its answer costs a request about 150 µs of
     * a processor's time, and it should get more than it pays: on 2 cores, a model of 40 µs a run
     * was served no faster in batches than alone, and one of 190 µs, of which a batch spares about
     * 97, slower: 4,600 requests a second in place of 5,100 to 5,400.
     */
    private static final double MIN_SPARED_MICROS = 200;

    private static final double CLEAR_SPEEDUP = 2;

    private static final int ROWS = 8;
    private static final int TURNS = 3;
    private static final int TIMED_RUNS = 2;

    /** Of the budget: the batch's first run, which is slow, takes most of the rest. */
    private static final int RUNS_IN_BUDGET = 3;

    private static final Object ONE_AT_A_TIME = new Object();

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
     * {@return null if a run of one row takes so long that a trial would too: such a model keeps
     * the processor busy by itself}
     *
     * @param single one row's inputs; it goes on belonging to the caller
     * @param maxRows the largest batch there will be
     * @param threads how many run at the same time
     * @param budget how long it may take, about
     * @throws RuntimeException if a run fails
     * @throws BrokenBatchException if a batch's outputs are not as many rows as its inputs
     */
    static Result run(
            Runner runner,
            Signature signature,
            Map<String, TType> single,
            int maxRows,
            int threads,
            Duration budget) {
        synchronized (ONE_AT_A_TIME) {
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
            BatchingBenchmark trial = new BatchingBenchmark(runner, signature, single, rows);
            return trial.measure(threads, budget);
        }
    }

    private Result measure(int threads, Duration budget) {
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

    /** The runs read the caller's tensors: none may be left when it gets them back. */
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

    /** {@return runs a nanosecond, of all threads together} */
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
