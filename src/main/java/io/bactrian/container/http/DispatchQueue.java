package io.bactrian.container.http;

import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.limit.ServiceTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one pipeline: bounds how many are in flight and how many of these are worked on
 * at once. The others queue in arrival order without occupying a thread, so that one whose deadline
 * passes is answered at once, and one whose client goes away is forgotten.
 *
 * <p>Each pipeline has a queue and workers of its own, so that one whose requests take long, or
 * never end, keeps nothing from the others but its share of the processors.
 *
 * <p>Safe for use by many threads at once. Every request that is offered gets exactly one of {@link
 * Task#run}, {@link Task#reject} and a successful {@link #cancel}; none of them is called under the
 * lock. A worker takes the next request as soon as it is done with one, without a detour over the
 * thread that offered it, and ends when none waits: whoever offers a request while fewer workers
 * than there may be are active starts one, under the same lock under which a worker finds the queue
 * empty and ends, so no request is left behind.
 */
final class DispatchQueue {

    /** Another server may take the request at once. */
    private static final int SHUTDOWN_RETRY_AFTER_SECONDS = 1;

    /** A request. */
    abstract static class Task {

        private final long deadline;
        private boolean waiting;

        /**
         * @param deadline until when it must have begun, a value of {@link System#nanoTime()}
         */
        Task(long deadline) {
            this.deadline = deadline;
        }

        final long deadline() {
            return deadline;
        }

        /** Does the work, on a worker's thread. */
        abstract void run();

        /**
         * Called by any thread if it will not be run.
         *
         * @param reason an {@link OverloadedException} or a {@link DeadlineExceededException}
         */
        abstract void reject(RuntimeException reason);

        /** Called by any thread while it is run, if its end is not waited for any more. */
        abstract void abandon();
    }

    private final int maxInFlight;
    private final int maxWorkers;
    private final Executor threads;
    private final Lock lock;
    private final LongSupplier nanoTime;

    // Guarded by the lock, but for reading the counts.
    private final Set<Task> waiting = new LinkedHashSet<>();
    private final Set<Task> running = new LinkedHashSet<>();
    private final ServiceTime serviceTime = new ServiceTime();
    private int workers;
    private boolean closed;
    private volatile int waitingCount;
    private volatile int runningCount;

    /**
     * @param maxInFlight requests that wait or are worked on, beyond which more are rejected
     * @param maxWorkers requests worked on at once
     * @param threads runs a worker on a thread of its own, at once
     * @param nanoTime the clock of deadlines, {@link System#nanoTime}
     */
    DispatchQueue(
            int maxInFlight, int maxWorkers, Executor threads, Lock lock, LongSupplier nanoTime) {
        this.maxInFlight = maxInFlight;
        this.maxWorkers = maxWorkers;
        this.threads = threads;
        this.lock = lock;
        this.nanoTime = nanoTime;
    }

    /** {@return whether a request that came now would be rejected} */
    boolean isFull() {
        return waitingCount + runningCount >= maxInFlight;
    }

    /** {@return requests that wait} */
    int waiting() {
        return waitingCount;
    }

    /** {@return requests that are worked on} */
    int running() {
        return runningCount;
    }

    /** Runs a request as soon as there is a worker, or rejects it at once. */
    void offer(Task task) {
        RuntimeException refusal = null;
        boolean startWorker = false;
        lock.lock();
        try {
            if (closed) {
                refusal = shuttingDown();
            } else if (waiting.size() + running.size() >= maxInFlight) {
                refusal = full();
            } else {
                task.waiting = true;
                waiting.add(task);
                waitingCount = waiting.size();
                startWorker = workers < maxWorkers;
                if (startWorker) {
                    workers++;
                }
            }
        } finally {
            lock.unlock();
        }
        if (refusal != null) {
            task.reject(refusal);
        } else if (startWorker) {
            startWorker();
        }
    }

    private void startWorker() {
        try {
            threads.execute(this::work);
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            // There is no memory for a thread, or the process ends. The workers that there are
            // take what waits; where there is none, nobody would.
            rejectAll(workerEnded(), new OverloadedException("no thread is free", 1));
        }
    }

    private List<Task> workerEnded() {
        lock.lock();
        try {
            workers--;
            return workers == 0 ? takeWaiting() : List.of();
        } finally {
            lock.unlock();
        }
    }

    private void work() {
        Task task = next(null, 0);
        while (task != null) {
            long begun = nanoTime.getAsLong();
            try {
                if (task.deadline - begun <= 0) {
                    task.reject(late());
                } else {
                    task.run();
                }
            } catch (Throwable e) {
                reportUncaught(e);
            }
            task = next(task, nanoTime.getAsLong() - begun);
        }
    }

    /**
     * {@return the request to work on next; null if the worker has ended}
     *
     * @param done the one that it is done with, or null
     * @param nanos how long it worked on that
     */
    private @Nullable Task next(@Nullable Task done, long nanos) {
        lock.lock();
        try {
            if (done != null) {
                running.remove(done);
                serviceTime.add(nanos);
            }
            Iterator<Task> first = waiting.iterator();
            Task task = null;
            if (first.hasNext()) {
                task = first.next();
                first.remove();
                task.waiting = false;
                running.add(task);
                waitingCount = waiting.size();
            } else {
                workers--;
            }
            runningCount = running.size();
            return task;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Forgets a request that waits.
     *
     * @return whether it did; else it is run, or has been, or was rejected
     */
    boolean cancel(Task task) {
        lock.lock();
        try {
            if (!task.waiting) {
                return false;
            }
            task.waiting = false;
            waiting.remove(task);
            waitingCount = waiting.size();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Rejects the requests whose deadline has passed while they waited. All have the same time, so
     * the first are the first to be late.
     *
     * @param now a value of {@link System#nanoTime()}
     */
    void rejectLate(long now) {
        if (waitingCount == 0) {
            return;
        }
        List<Task> late = new ArrayList<>();
        lock.lock();
        try {
            Iterator<Task> tasks = waiting.iterator();
            while (tasks.hasNext()) {
                Task task = tasks.next();
                if (task.deadline - now > 0) {
                    break;
                }
                tasks.remove();
                task.waiting = false;
                late.add(task);
            }
            waitingCount = waiting.size();
        } finally {
            lock.unlock();
        }
        rejectAll(late, late());
    }

    /** Rejects what waits and what comes, and abandons what is being worked on. */
    void close() {
        List<Task> unbegun;
        List<Task> unfinished;
        lock.lock();
        try {
            closed = true;
            unbegun = takeWaiting();
            unfinished = List.copyOf(running);
        } finally {
            lock.unlock();
        }
        rejectAll(unbegun, shuttingDown());
        forEach(unfinished, Task::abandon);
    }

    private List<Task> takeWaiting() {
        List<Task> tasks = List.copyOf(waiting);
        tasks.forEach(task -> task.waiting = false);
        waiting.clear();
        waitingCount = 0;
        return tasks;
    }

    private static void rejectAll(List<Task> tasks, RuntimeException reason) {
        forEach(tasks, task -> task.reject(reason));
    }

    /** One task that fails, for lack of memory say, must not keep the others from their answers. */
    private static void forEach(List<Task> tasks, Consumer<Task> action) {
        for (Task task : tasks) {
            try {
                action.accept(task);
            } catch (Throwable e) {
                reportUncaught(e);
            }
        }
    }

    /** Reports what a task threw, and lets the thread go on to the next one. */
    private static void reportUncaught(Throwable failure) {
        Thread thread = Thread.currentThread();
        try {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
        } catch (Throwable e) {
            // To log it may take memory that is not there.
        }
    }

    /** {@return why a request is rejected that comes when too many are in flight} */
    OverloadedException full() {
        return new OverloadedException(
                "too many requests at once",
                serviceTime.retryAfterSeconds(waitingCount, maxWorkers));
    }

    /** {@return why a request is rejected that has not begun when the process is to end} */
    static OverloadedException shuttingDown() {
        return new OverloadedException("shutting down", SHUTDOWN_RETRY_AFTER_SECONDS);
    }

    /** {@return why a request is rejected whose deadline passed before a worker took it} */
    static DeadlineExceededException late() {
        return new DeadlineExceededException("deadline exceeded before a worker was free");
    }
}
