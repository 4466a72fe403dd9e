package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.model.SchedulerConfig.Batching;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.TensorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/** The scheduler with a simulated model: y = 2 x, element by element; it rejects negative x. */
@Timeout(120)
class PredictionSchedulerTest {

    private static final Signature ROWS = signature(Shape.of(-1, 2), Shape.of(-1, 2));
    private static final Signature FREE_LENGTH = signature(Shape.of(-1, -1), Shape.of(-1, -1));

    /** The input shape of each run that has begun. */
    private final List<Shape> runs = new ArrayList<>();

    /** A run ends when it has a permit. */
    private final Semaphore permits = new Semaphore(0);

    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger mostRunning = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private PredictionScheduler scheduler;
    private long open;

    private static Signature signature(Shape input, Shape output) {
        return new Signature(
                "s",
                "",
                Map.of("x", new TensorSpec("x", "x:0", DataType.DT_INT32, input)),
                Map.of("y", new TensorSpec("y", "y:0", DataType.DT_INT32, output)),
                null);
    }

    @BeforeEach
    void count() {
        open = NamedTensors.open();
    }

    @AfterEach
    void noTensorStaysOpen() throws InterruptedException {
        permits.release(1_000_000);
        for (Thread thread : threads) {
            thread.join();
        }
        if (scheduler != null) {
            assertEquals(0, scheduler.counts().running());
            assertEquals(0, scheduler.counts().waiting());
            scheduler.close();
        }
        assertTrue(NamedTensors.open() <= open);
    }

    private NamedTensors model(Signature signature, Map<String, TType> inputs, Deadline deadline) {
        TType x = inputs.get("x");
        synchronized (runs) {
            runs.add(x.shape());
        }
        mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
        try {
            permits.acquireUninterruptibly();
            int[] values = values(x);
            for (int i = 0; i < values.length; i++) {
                if (values[i] < 0) {
                    throw new BadInputException("negative: " + values[i]);
                }
                values[i] *= 2;
            }
            return NamedTensors.of("y", TInt32.tensorOf(x.shape(), DataBuffers.of(values)));
        } finally {
            running.decrementAndGet();
        }
    }

    private static SchedulerConfig config(int maxBatch, int slots) {
        return new SchedulerConfig(Batching.ON, maxBatch, Duration.ZERO, 4, slots, List.of(), null);
    }

    private void use(SchedulerConfig config) {
        use(config, ROWS, this::model);
    }

    private void use(
            SchedulerConfig config, Signature signature, PredictionScheduler.Runner runner) {
        scheduler = new PredictionScheduler("m", List.of(signature), runner, config);
    }

    private static NamedTensors rows(int width, int... values) {
        return NamedTensors.of(
                "x",
                TInt32.tensorOf(
                        Shape.of(values.length / Math.max(1, width), width),
                        DataBuffers.of(values)));
    }

    private static int[] values(TType tensor) {
        int[] values = new int[(int) tensor.shape().size()];
        NativeMemory.of(tensor).asIntBuffer().get(values);
        return values;
    }

    private int[] predict(Signature signature, Deadline deadline, NamedTensors inputs) {
        try (inputs;
                NamedTensors outputs = scheduler.predict(signature, inputs.asMap(), deadline)) {
            return values(outputs.get("y"));
        }
    }

    /** Predicts on a new thread, which is in the queue or in a run when this returns. */
    private CompletableFuture<int[]> call(int width, int... values) {
        return call(ROWS, Deadline.none(), rows(width, values));
    }

    private CompletableFuture<int[]> call(
            Signature signature, Deadline deadline, NamedTensors inputs) {
        CompletableFuture<int[]> answer = new CompletableFuture<>();
        PredictionScheduler.Counts before = scheduler.counts();
        int total = before.running() + before.waiting();
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                answer.complete(predict(signature, deadline, inputs));
                            } catch (Throwable e) {
                                answer.completeExceptionally(e);
                            }
                        });
        threads.add(thread);
        thread.start();
        until(
                () -> {
                    PredictionScheduler.Counts now = scheduler.counts();
                    return answer.isDone() || now.running() + now.waiting() > total;
                });
        return answer;
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.yield();
        }
    }

    /** Lets all runs end, and waits until the given number have begun. */
    private void runAll() {
        permits.release(10_000);
    }

    private static Throwable failure(CompletableFuture<int[]> answer) throws InterruptedException {
        try {
            answer.get();
        } catch (ExecutionException e) {
            return e.getCause();
        }
        throw new AssertionError("answered");
    }

    @Test
    void idleModelRunsOnTheCallingThreadWithoutCopying() {
        Thread[] ran = new Thread[1];
        TType[] seen = new TType[1];
        use(
                config(8, 1),
                ROWS,
                (signature, inputs, deadline) -> {
                    ran[0] = Thread.currentThread();
                    seen[0] = inputs.get("x");
                    return NamedTensors.builder().build();
                });
        try (NamedTensors inputs = rows(2, 1, 2)) {
            scheduler.predict(ROWS, inputs.asMap(), Deadline.none()).close();
            assertSame(Thread.currentThread(), ran[0]);
            assertSame(inputs.get("x"), seen[0]);
        }
    }

    @Test
    void queuedRequestsShareARunAndGetTheirOwnRows() throws Exception {
        use(config(8, 1));
        CompletableFuture<int[]> first = call(2, 1, 2);
        List<CompletableFuture<int[]>> others =
                List.of(call(2, 3, 4), call(2, 5, 6, 7, 8), call(2, 9, 10));
        runAll();
        assertArrayEquals(new int[] {2, 4}, first.get());
        assertArrayEquals(new int[] {6, 8}, others.get(0).get());
        assertArrayEquals(new int[] {10, 12, 14, 16}, others.get(1).get());
        assertArrayEquals(new int[] {18, 20}, others.get(2).get());
        assertEquals(List.of(Shape.of(1, 2), Shape.of(4, 2)), runs);
        assertEquals(1, scheduler.counts().batches());
        assertEquals(3, scheduler.counts().batchedRequests());
    }

    @Test
    void batchNeverExceedsTheMaximum() throws Exception {
        use(config(4, 1));
        call(2, 0, 0);
        call(2, 1, 1, 1, 1, 1, 1);
        // Does not fit behind the three rows, but the next one does.
        call(2, 2, 2, 2, 2);
        call(2, 3, 3);
        // More than any batch: alone.
        call(2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4);
        runAll();
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(Shape.of(1, 2), Shape.of(4, 2), Shape.of(2, 2), Shape.of(5, 2)), runs);
    }

    @Test
    void concurrentRunsEqualSlots() throws Exception {
        use(config(1, 2));
        List<CompletableFuture<int[]>> answers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            answers.add(call(2, i, i));
        }
        assertEquals(2, scheduler.counts().running());
        runAll();
        for (int i = 0; i < 6; i++) {
            assertArrayEquals(new int[] {2 * i, 2 * i}, answers.get(i).get());
        }
        assertEquals(2, mostRunning.get());
        assertEquals(6, runs.size());
    }

    @Test
    void requestsOfAFailedBatchRunAlone() throws Exception {
        use(config(8, 1));
        call(2, 0, 0);
        CompletableFuture<int[]> good = call(2, 1, 2);
        CompletableFuture<int[]> bad = call(2, 3, -4);
        CompletableFuture<int[]> alsoGood = call(2, 5, 6);
        runAll();
        assertArrayEquals(new int[] {2, 4}, good.get());
        assertArrayEquals(new int[] {10, 12}, alsoGood.get());
        assertEquals("negative: -4", failure(bad).getMessage());
        assertEquals(BadInputException.class, failure(bad).getClass());
        assertEquals(1, scheduler.counts().failedBatches());
        assertEquals(5, runs.size());
        assertNull(scheduler.batchingDisabledReason(ROWS));
    }

    @Test
    void invalidInputFailsBeforeQueueing() throws Exception {
        use(config(8, 1));
        call(2, 0, 0);
        NamedTensors floats = NamedTensors.of("x", TFloat32.tensorOf(Shape.of(1, 2)));
        assertEquals(
                "input \"x\" takes int32 [-1, 2], got float32 [1, 2]",
                failure(call(ROWS, Deadline.none(), floats)).getMessage());
        NamedTensors unknown = NamedTensors.of("z", TInt32.tensorOf(Shape.of(1, 2)));
        assertEquals(
                BadInputException.class, failure(call(ROWS, Deadline.none(), unknown)).getClass());
        assertEquals(0, scheduler.counts().waiting());
    }

    @Test
    void requestWithUndeclaredShapeRunsAlone() throws Exception {
        use(config(8, 1));
        call(2, 0, 0);
        call(2, 1, 1);
        CompletableFuture<int[]> other = call(3, 1, 2, 3);
        call(2, 2, 2);
        NamedTensors scalar = NamedTensors.of("x", TInt32.scalarOf(7));
        CompletableFuture<int[]> alone = call(ROWS, Deadline.none(), scalar);
        runAll();
        assertArrayEquals(new int[] {2, 4, 6}, other.get());
        assertArrayEquals(new int[] {14}, alone.get());
        assertEquals(List.of(Shape.of(1, 2), Shape.of(2, 2), Shape.of(1, 3), Shape.scalar()), runs);
    }

    @Test
    void onlySignaturesWithFreeBatchDimensionAreBatched() {
        for (Signature fixed :
                List.of(
                        signature(Shape.of(1, 2), Shape.of(-1, 2)),
                        signature(Shape.of(-1, 2), Shape.of(1, 2)),
                        signature(Shape.unknown(), Shape.of(-1, 2)),
                        signature(Shape.of(-1, 2), Shape.scalar()))) {
            use(config(8, 1), fixed, this::model);
            assertTrue(
                    scheduler.batchingDisabledReason(fixed).endsWith("has no free batch dimension"),
                    scheduler.batchingDisabledReason(fixed));
        }
    }

    @Test
    void batchingStopsIfOutputsAreNotRows() throws Exception {
        use(
                config(8, 1),
                ROWS,
                (signature, inputs, deadline) -> {
                    NamedTensors outputs = model(signature, inputs, deadline);
                    if (inputs.get("x").shape().get(0) == 1) {
                        return outputs;
                    }
                    outputs.close();
                    return NamedTensors.of("y", TInt32.tensorOf(Shape.of(1, 2)));
                });
        call(2, 0, 0);
        CompletableFuture<int[]> one = call(2, 1, 1);
        CompletableFuture<int[]> two = call(2, 2, 2);
        runAll();
        assertArrayEquals(new int[] {2, 2}, one.get());
        assertArrayEquals(new int[] {4, 4}, two.get());
        assertEquals(
                "output \"y\" has shape [1, 2] for 2 rows", scheduler.batchingDisabledReason(ROWS));
        assertEquals(4, runs.size());
    }

    @Test
    void batchingStopsAfterRepeatedFailuresWithoutCulprit() throws Exception {
        use(
                config(8, 1),
                ROWS,
                (signature, inputs, deadline) -> {
                    NamedTensors outputs = model(signature, inputs, deadline);
                    if (inputs.get("x").shape().get(0) > 1) {
                        outputs.close();
                        throw new PredictionException("one row only", null);
                    }
                    return outputs;
                });
        for (int i = 0; i < 3; i++) {
            assertNull(scheduler.batchingDisabledReason(ROWS));
            CompletableFuture<int[]> first = call(2, 0, 0);
            CompletableFuture<int[]> one = call(2, 1, 1);
            CompletableFuture<int[]> two = call(2, 2, 2);
            permits.release(4);
            first.get();
            assertArrayEquals(new int[] {2, 2}, one.get());
            assertArrayEquals(new int[] {4, 4}, two.get());
            threads.forEach(
                    thread -> {
                        try {
                            thread.join();
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    });
        }
        assertEquals(
                "3 batches failed whose requests succeeded alone",
                scheduler.batchingDisabledReason(ROWS));
    }

    @Test
    void fullQueueRejectsImmediately() {
        use(config(1, 1));
        for (int i = 0; i < 5; i++) {
            call(2, i, i);
        }
        OverloadedException e =
                assertThrows(
                        OverloadedException.class,
                        () -> predict(ROWS, Deadline.none(), rows(2, 9, 9)));
        assertEquals("the queue of model \"m\" is full: 4 requests wait", e.getMessage());
        assertEquals(1, e.retryAfterSeconds());
        assertEquals(0, e.getStackTrace().length);
        assertEquals(1, scheduler.counts().refused());
    }

    @Test
    void expiredRequestIsNotRun() throws Exception {
        use(config(8, 1));
        call(2, 0, 0);
        CompletableFuture<int[]> late =
                call(ROWS, Deadline.after(Duration.ofMillis(200)), rows(2, 7, 7));
        assertEquals(DeadlineExceededException.class, failure(late).getClass());
        assertEquals(0, failure(late).getStackTrace().length);
        assertEquals(0, scheduler.counts().waiting());
        assertEquals(1, scheduler.counts().expired());
        runAll();
        assertThrows(
                DeadlineExceededException.class,
                () -> predict(ROWS, Deadline.after(Duration.ZERO), rows(2, 8, 8)));
        assertArrayEquals(
                new int[] {2, 2},
                predict(ROWS, Deadline.after(Duration.ofHours(1)), rows(2, 1, 1)));
        assertEquals(2, runs.size());
    }

    /** One request may be the cause of a shared run that does not end; the others must succeed. */
    @Test
    void sharedRunLeavesTimeForRunsAlone() throws Exception {
        List<Duration> limits = Collections.synchronizedList(new ArrayList<>());
        use(
                config(8, 1),
                ROWS,
                (signature, inputs, deadline) -> {
                    limits.add(deadline.remaining());
                    if (inputs.get("x").shape().get(0) > 1) {
                        throw new DeadlineExceededException("it does not end");
                    }
                    return model(signature, inputs, deadline);
                });
        Deadline hour = Deadline.after(Duration.ofHours(1));
        CompletableFuture<int[]> first = call(ROWS, hour, rows(2, 0, 0));
        CompletableFuture<int[]> leader = call(ROWS, hour, rows(2, 1, 1));
        CompletableFuture<int[]> follower = call(ROWS, hour, rows(2, 2, 2));
        runAll();
        assertArrayEquals(new int[] {0, 0}, first.get());
        assertArrayEquals(new int[] {2, 2}, leader.get());
        assertArrayEquals(new int[] {4, 4}, follower.get());
        Duration half = Duration.ofMinutes(30);
        assertEquals(
                List.of(false, true, false, false),
                limits.stream().map(limit -> limit.compareTo(half) <= 0).toList());
    }

    @Test
    void interruptedRequestLeavesTheQueue() throws Exception {
        use(config(8, 1));
        CompletableFuture<int[]> first = call(2, 0, 0);
        CompletableFuture<int[]> second = call(2, 1, 1);
        threads.get(1).interrupt();
        assertEquals(PredictionInterruptedException.class, failure(second).getClass());
        assertEquals(0, scheduler.counts().waiting());
        // A run under way is not a wait.
        threads.get(0).interrupt();
        runAll();
        assertArrayEquals(new int[] {0, 0}, first.get());
        assertEquals(1, runs.size());
    }

    @Test
    void interruptDoesNotRemoveARequestFromABatch() throws Exception {
        use(config(8, 1));
        call(2, 0, 0);
        CompletableFuture<int[]> leader = call(2, 1, 1);
        CompletableFuture<int[]> follower = call(2, 2, 2);
        permits.release();
        until(() -> runs().size() == 2);
        threads.get(2).interrupt();
        permits.release();
        assertArrayEquals(new int[] {2, 2}, leader.get());
        assertArrayEquals(new int[] {4, 4}, follower.get());
    }

    private List<Shape> runs() {
        synchronized (runs) {
            return List.copyOf(runs);
        }
    }

    @Test
    void closeFailsQueuedRequestsAndAwaitsRuns() throws Exception {
        use(config(8, 1));
        CompletableFuture<int[]> runningCall = call(2, 0, 0);
        CompletableFuture<int[]> waiting = call(2, 1, 1);
        CountDownLatch closed = new CountDownLatch(1);
        Thread closer =
                new Thread(
                        () -> {
                            scheduler.close();
                            closed.countDown();
                        });
        threads.add(closer);
        closer.start();
        assertEquals(ModelClosedException.class, failure(waiting).getClass());
        assertEquals(1, closed.getCount());
        runAll();
        assertArrayEquals(new int[] {0, 0}, runningCall.get());
        closed.await();
        assertThrows(
                ModelClosedException.class, () -> predict(ROWS, Deadline.none(), rows(2, 1, 1)));
    }

    @Test
    void failedBatchOfAClosedModelIsNotRunAgain() throws Exception {
        use(config(8, 1));
        call(2, 0, 0);
        CompletableFuture<int[]> leader = call(2, -1, 1);
        CompletableFuture<int[]> follower = call(2, 2, 2);
        permits.release();
        until(() -> runs().size() == 2);
        Thread closer = new Thread(scheduler::close);
        threads.add(closer);
        closer.start();
        until(() -> closer.getState() == Thread.State.TIMED_WAITING);
        permits.release();
        assertEquals(ModelClosedException.class, failure(leader).getClass());
        assertEquals(ModelClosedException.class, failure(follower).getClass());
    }

    @Test
    void batchIsPaddedToAnAllowedSize() throws Exception {
        use(new SchedulerConfig(Batching.ON, 8, Duration.ZERO, 4, 1, List.of(2, 4, 8), null));
        CompletableFuture<int[]> lone = call(2, 1, 2);
        CompletableFuture<int[]> one = call(2, 3, 4);
        CompletableFuture<int[]> two = call(2, 5, 6, 7, 8);
        runAll();
        assertArrayEquals(new int[] {2, 4}, lone.get());
        assertArrayEquals(new int[] {6, 8}, one.get());
        assertArrayEquals(new int[] {10, 12, 14, 16}, two.get());
        assertEquals(List.of(Shape.of(2, 2), Shape.of(4, 2)), runs);
        assertEquals(2, scheduler.counts().paddingRows());
    }

    @Test
    void rowsOfDifferentLengthsShareARunOnlyWithPadding() throws Exception {
        use(config(8, 1), FREE_LENGTH, this::model);
        call(FREE_LENGTH, Deadline.none(), rows(2, 0, 0));
        call(FREE_LENGTH, Deadline.none(), rows(1, 1));
        CompletableFuture<int[]> longer = call(FREE_LENGTH, Deadline.none(), rows(3, 2, 3, 4));
        runAll();
        assertArrayEquals(new int[] {4, 6, 8}, longer.get());
        assertEquals(List.of(Shape.of(1, 2), Shape.of(1, 1), Shape.of(1, 3)), runs);
    }

    @Test
    void outputsOfPaddedRowsAreNotTrimmed() throws Exception {
        use(
                new SchedulerConfig(Batching.ON, 8, Duration.ZERO, 4, 1, List.of(), "50"),
                FREE_LENGTH,
                this::model);
        call(FREE_LENGTH, Deadline.none(), rows(2, 0, 0));
        CompletableFuture<int[]> shorter = call(FREE_LENGTH, Deadline.none(), rows(1, 1));
        CompletableFuture<int[]> longer = call(FREE_LENGTH, Deadline.none(), rows(3, 2, 3, 4));
        runAll();
        assertArrayEquals(new int[] {2, 100, 100}, shorter.get());
        assertArrayEquals(new int[] {4, 6, 8}, longer.get());
        assertEquals(List.of(Shape.of(1, 2), Shape.of(2, 3)), runs);
    }

    @Test
    void paddingValueMustMatchTheDtype() {
        SchedulerConfig config =
                new SchedulerConfig(Batching.ON, 8, Duration.ZERO, 4, 1, List.of(), "[PAD]");
        assertEquals(
                "input \"x\": the padding value \"[PAD]\" is not a valid int32",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> use(config, FREE_LENGTH, this::model))
                        .getMessage());
        use(config);
    }

    @Test
    void fullBatchDoesNotWaitForTheDelay() throws Exception {
        use(new SchedulerConfig(Batching.ON, 3, Duration.ofMinutes(1), 4, 1, List.of(), null));
        runAll();
        CompletableFuture<int[]> one = call(2, 1, 1);
        CompletableFuture<int[]> two = call(2, 2, 2);
        assertEquals(2, scheduler.counts().waiting());
        // A request that can't be batched has nothing to wait for.
        assertArrayEquals(new int[] {2, 2, 2}, predict(ROWS, Deadline.none(), rows(3, 1, 1, 1)));
        assertFalse(one.isDone());
        CompletableFuture<int[]> three = call(2, 3, 3);
        assertArrayEquals(new int[] {2, 2}, one.get());
        assertArrayEquals(new int[] {4, 4}, two.get());
        assertArrayEquals(new int[] {6, 6}, three.get());
        assertEquals(List.of(Shape.of(1, 3), Shape.of(3, 2)), runs);
    }

    @Test
    void delayEndsWithoutFurtherRequests() throws Exception {
        use(new SchedulerConfig(Batching.ON, 3, Duration.ofMillis(5), 4, 1, List.of(), null));
        runAll();
        long start = System.nanoTime();
        assertArrayEquals(new int[] {2, 2}, call(2, 1, 1).get());
        assertTrue(System.nanoTime() - start >= 5_000_000);
        CompletableFuture<int[]> impatient =
                call(ROWS, Deadline.after(Duration.ofMillis(1)), rows(2, 1, 1));
        assertEquals(DeadlineExceededException.class, failure(impatient).getClass());
    }

    @Test
    void everyRequestGetsItsOwnResultAndNothingLeaksUnderStress() throws Exception {
        permits.release(1_000_000);
        use(new SchedulerConfig(Batching.ON, 6, Duration.ZERO, 1, 2, List.of(2, 6), null));
        long pointers = settledPointers();
        int[] ends = new int[7];
        List<Thread> callers = new ArrayList<>();
        CompletableFuture<Void> wrong = new CompletableFuture<>();
        for (int caller = 0; caller < 12; caller++) {
            SplittableRandom random = new SplittableRandom(caller);
            int base = caller * 1_000_000;
            Thread thread =
                    new Thread(
                            () -> {
                                int[] its = new int[ends.length];
                                try {
                                    for (int i = 0; i < 1_000; i++) {
                                        its[oneOfMany(random, base + 10 * i)]++;
                                    }
                                } catch (Throwable e) {
                                    wrong.completeExceptionally(e);
                                }
                                synchronized (ends) {
                                    for (int i = 0; i < its.length; i++) {
                                        ends[i] += its[i];
                                    }
                                }
                            });
            callers.add(thread);
            thread.start();
        }
        for (Thread thread : callers) {
            thread.join();
        }
        wrong.complete(null);
        wrong.get();
        assertTrue(ends[0] > 0 && ends[1] > 0 && ends[2] > 0 && ends[3] > 0);
        assertEquals(ends[5], scheduler.counts().refused());
        assertEquals(pointers, settledPointers());
    }

    /** A random request, its answer checked. */
    private int oneOfMany(SplittableRandom random, int value) {
        int kind = random.nextInt(5);
        int rows = random.nextInt(1, 4);
        int width = kind == 2 ? 3 : 2;
        int[] values = new int[rows * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = value + i;
        }
        if (kind == 1) {
            values[random.nextInt(values.length)] = -value - 1;
        }
        Deadline deadline =
                kind == 3
                        ? Deadline.after(Duration.ofNanos(random.nextInt(300_000)))
                        : Deadline.none();
        if (kind == 4) {
            Thread.currentThread().interrupt();
        }
        try {
            int[] answer = predict(ROWS, deadline, rows(width, values));
            for (int i = 0; i < values.length; i++) {
                values[i] *= 2;
            }
            assertArrayEquals(values, answer);
            return 0;
        } catch (BadInputException e) {
            assertEquals("negative: " + (-value - 1), e.getMessage());
            return 1;
        } catch (PredictionInterruptedException e) {
            assertEquals(4, kind);
            return 2;
        } catch (DeadlineExceededException e) {
            assertEquals(3, kind);
            return 3;
        } catch (OverloadedException e) {
            return 5;
        } finally {
            Thread.interrupted();
        }
    }

    /** JavaCPP's count of native objects, after garbage collection. */
    private static long settledPointers() throws InterruptedException {
        long last = -1;
        while (last != Pointer.totalCount()) {
            last = Pointer.totalCount();
            System.gc();
            Thread.sleep(100);
        }
        return last;
    }
}
