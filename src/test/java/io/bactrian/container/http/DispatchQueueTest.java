package io.bactrian.container.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** The queue with a single thread; see also {@link DispatchQueueInterleavingsTest}. */
class DispatchQueueTest {

    private static final long HOUR = 3_600_000_000_000L;

    private final List<Runnable> workers = new ArrayList<>();
    private final List<String> events = new ArrayList<>();

    private final AtomicLong clock = new AtomicLong(System.nanoTime());

    private DispatchQueue queue(int maxInFlight, int maxWorkers) {
        return new DispatchQueue(
                maxInFlight, maxWorkers, workers::add, new ReentrantLock(), clock::get);
    }

    private DispatchQueue.Task task(String name) {
        return task(name, () -> {});
    }

    private DispatchQueue.Task task(String name, Runnable work) {
        return new DispatchQueue.Task(System.nanoTime() + HOUR) {
            @Override
            void run() {
                events.add(name);
                work.run();
            }

            @Override
            void reject(RuntimeException reason) {
                events.add(name + ": " + reason.getMessage());
            }

            @Override
            void abandon() {
                events.add(name + " abandoned");
            }
        };
    }

    /** {@return a task all of whose methods fail} */
    private DispatchQueue.Task failing() {
        return new DispatchQueue.Task(System.nanoTime() + HOUR) {
            @Override
            void run() {
                throw new OutOfMemoryError("run");
            }

            @Override
            void reject(RuntimeException reason) {
                throw new OutOfMemoryError("reject");
            }

            @Override
            void abandon() {
                throw new OutOfMemoryError("abandon");
            }
        };
    }

    @Test
    void retryAfterIsTheEstimatedWaitingTime() {
        DispatchQueue queue = queue(10, 2);
        // The average after one task of 24 s is 3 s.
        queue.offer(task("slow", () -> clock.addAndGet(24_000_000_000L)));
        workers.remove(0).run();
        for (int i = 0; i < 5; i++) {
            queue.offer(task("waiting"));
        }
        assertEquals(5, queue.waiting());
        assertEquals(8, queue.overloaded().retryAfterSeconds());
    }

    @Test
    void failingTaskDoesNotPreventAnswersOfOthers() {
        DispatchQueue late = queue(10, 1);
        late.offer(failing());
        late.offer(task("late"));
        late.rejectExpired(System.nanoTime() + 2 * HOUR);
        DispatchQueue closed = queue(10, 1);
        closed.offer(
                task(
                        "running",
                        () -> {
                            closed.offer(failing());
                            closed.offer(task("waiting"));
                            closed.close();
                        }));
        workers.get(1).run();
        assertEquals(
                List.of(
                        "late: deadline exceeded before a worker was free",
                        "running",
                        "waiting: shutting down",
                        "running abandoned"),
                events);
    }

    @Test
    void workerSurvivesAFailureThatCannotBeLogged() throws Exception {
        DispatchQueue queue = queue(10, 1);
        queue.offer(failing());
        queue.offer(task("next"));
        Thread thread = new Thread(workers.get(0));
        thread.setUncaughtExceptionHandler(
                (ended, failure) -> {
                    throw new OutOfMemoryError("to log " + failure);
                });
        thread.start();
        thread.join();
        assertEquals(List.of("next"), events);
        assertEquals(0, queue.running());
    }

    @Test
    void singleWorkerRunsTasksInOrder() {
        DispatchQueue queue = queue(10, 1);
        for (String name : List.of("a", "b", "c")) {
            queue.offer(task(name));
        }
        assertEquals(1, workers.size());
        assertEquals(3, queue.waiting());
        workers.get(0).run();
        assertEquals(List.of("a", "b", "c"), events);
        assertEquals(0, queue.waiting());
        assertEquals(0, queue.running());
        queue.offer(task("d"));
        assertEquals(2, workers.size());
    }

    @Test
    void workersAreStartedUpToTheMaximum() {
        DispatchQueue queue = queue(10, 2);
        for (String name : List.of("a", "b", "c")) {
            queue.offer(task(name));
        }
        assertEquals(2, workers.size());
    }

    @Test
    void fullQueueRejectsImmediately() {
        DispatchQueue queue = queue(2, 1);
        queue.offer(task("a", () -> assertTrue(queue.isFull())));
        assertFalse(queue.isFull());
        queue.offer(task("b"));
        assertTrue(queue.isFull());
        queue.offer(task("c"));
        assertEquals(List.of("c: too many requests at once"), events);
        workers.get(0).run();
        assertEquals(List.of("c: too many requests at once", "a", "b"), events);
        assertFalse(queue.isFull());
    }

    @Test
    void workerContinuesAfterAFailedTask() {
        DispatchQueue queue = queue(10, 1);
        Thread.UncaughtExceptionHandler before =
                Thread.currentThread().getUncaughtExceptionHandler();
        Thread.currentThread()
                .setUncaughtExceptionHandler((thread, failure) -> events.add(failure.getMessage()));
        try {
            queue.offer(
                    task(
                            "a",
                            () -> {
                                throw new IllegalStateException("on purpose");
                            }));
            queue.offer(task("b"));
            workers.get(0).run();
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(before);
        }
        assertEquals(List.of("a", "on purpose", "b"), events);
        assertEquals(0, queue.running());
    }

    @Test
    void taskIsRejectedIfNoThreadCanBeStarted() {
        for (Throwable failure :
                List.of(
                        new OutOfMemoryError("unable to create native thread"),
                        new RejectedExecutionException())) {
            events.clear();
            DispatchQueue queue =
                    new DispatchQueue(
                            10,
                            1,
                            worker -> {
                                if (failure instanceof Error error) {
                                    throw error;
                                }
                                throw (RuntimeException) failure;
                            },
                            new ReentrantLock(),
                            System::nanoTime);
            queue.offer(task("a"));
            assertEquals(List.of("a: no thread is free"), events);
            assertEquals(0, queue.waiting());
        }
    }

    @Test
    void closingRejectsWaitingAndAbandonsRunningTasks() {
        DispatchQueue queue = queue(10, 1);
        queue.offer(task("a", queue::close));
        queue.offer(task("b"));
        workers.get(0).run();
        queue.offer(task("c"));
        assertEquals(List.of("a", "b: shutting down", "a abandoned", "c: shutting down"), events);
    }
}
