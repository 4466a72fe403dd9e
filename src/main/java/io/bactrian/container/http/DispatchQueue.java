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
 * The queue of one pipeline's requests. It bounds how many are in flight and how many are processed
 * at once. Excess requests wait in arrival order without occupying a thread, so that a request is
 * answered as soon as its deadline passes, and removed as soon as its client disconnects.
 *
 * <p>Each pipeline has its own queue and workers, so that slow or hanging requests of one pipeline
 * do not block the others.
 *
 * <p>Thread-safe. For each offered request exactly one of {@link Task#run}, {@link Task#reject} and
 * a successful {@link #cancel} happens; the task's methods are not called with the lock held. A
 * worker takes the next request itself when it has finished one, and ends when the queue is empty.
 * Offering a request starts a worker if fewer than the maximum are active. Both happen under the
 * same lock, so that no request is left without a worker.
 */
final class DispatchQueue {

    /** The client may retry at once, since another server may accept the request. */
    private static final int SHUTDOWN_RETRY_AFTER_SECONDS = 1;

    /** A request in the queue. */
    abstract static class Task {

        private final long deadline;
        private boolean waiting;

        /**
         * Creates a task.
         *
         * @param deadline the latest start of processing, a value of {@link System#nanoTime()}
         */
        Task(long deadline) {
            this.deadline = deadline;
        }

        final long deadline() {
            return deadline;
        }

        /** Processes the request; called on a worker thread. */
        abstract void run();

        /**
         * Answers a request that will not be processed; called on any thread.
         *
         * @param reason an {@link OverloadedException} or a {@link DeadlineExceededException}
         */
        abstract void reject(RuntimeException reason);

        /** Answers a request that is still being processed at shutdown; called on any thread. */
        abstract void abandon();
    }

    private final int maxInFlight;
    private final int maxWorkers;
    private final Executor threads;
    private final Lock lock;
    private final LongSupplier nanoTime;

    // Guarded by the lock, except for reads of the volatile counts.
    private final Set<Task> waiting = new LinkedHashSet<>();
    private final Set<Task> running = new LinkedHashSet<>();
    private final ServiceTime serviceTime = new ServiceTime();
    private int workers;
    private boolean closed;
    private volatile int waitingCount;
    private volatile int runningCount;

    /**
     * Creates an empty queue.
     *
     * @param maxInFlight the maximum number of requests that wait or are processed; further ones
     *     are rejected
     * @param maxWorkers the maximum number of requests processed at once
     * @param threads starts each worker at once, on a thread of its own
     * @param lock the lock of the queue's state
     * @param nanoTime the clock of deadlines, such as {@link System#nanoTime}
     */
    DispatchQueue(
            int maxInFlight, int maxWorkers, Executor threads, Lock lock, LongSupplier nanoTime) {
        this.maxInFlight = maxInFlight;
        this.maxWorkers = maxWorkers;
        this.threads = threads;
        this.lock = lock;
        this.nanoTime = nanoTime;
    }

    /** {@return whether a request offered now would be rejected} */
    boolean isFull() {
        return waitingCount + runningCount >= maxInFlight;
    }

    /** {@return the number of requests that wait} */
    int waiting() {
        return waitingCount;
    }

    /** {@return the number of requests that are being processed} */
    int running() {
        return runningCount;
    }

    /** Adds a request, or rejects it if the queue is full or closed. */
    void offer(Task task) {
        RuntimeException rejection = null;
        boolean startWorker = false;
        lock.lock();
        try {
            if (closed) {
                rejection = shuttingDown();
            } else if (waiting.size() + running.size() >= maxInFlight) {
                rejection = overloaded();
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
        if (rejection != null) {
            task.reject(rejection);
        } else if (startWorker) {
            startWorker();
        }
    }

    private void startWorker() {
        try {
            threads.execute(this::work);
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            // There is no memory for a thread, or the process is shutting down. Other workers
            // process the waiting requests; if there are none, the requests must be rejected.
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
            long start = nanoTime.getAsLong();
            try {
                if (task.deadline - start <= 0) {
                    task.reject(expired());
                } else {
                    task.run();
                }
            } catch (Throwable e) {
                reportUncaught(e);
            }
            task = next(task, nanoTime.getAsLong() - start);
        }
    }

    /**
     * {@return the next request of a worker; null if there is none and the worker must end}
     *
     * @param done the request that the worker has finished, or null
     * @param nanos the processing time of that request
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
     * Removes a waiting request.
     *
     * @return whether the request was waiting; if not, it has been taken by a worker or rejected
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
     * Rejects the waiting requests whose deadline has passed. All requests have the same timeout,
     * so their deadlines are in arrival order.
     *
     * @param now a value of {@link System#nanoTime()}
     */
    void rejectExpired(long now) {
        if (waitingCount == 0) {
            return;
        }
        List<Task> expired = new ArrayList<>();
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
                expired.add(task);
            }
            waitingCount = waiting.size();
        } finally {
            lock.unlock();
        }
        rejectAll(expired, expired());
    }

    /** Rejects waiting and future requests, and abandons those that are being processed. */
    void close() {
        List<Task> queued;
        List<Task> inProgress;
        lock.lock();
        try {
            closed = true;
            queued = takeWaiting();
            inProgress = List.copyOf(running);
        } finally {
            lock.unlock();
        }
        rejectAll(queued, shuttingDown());
        forEach(inProgress, Task::abandon);
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

    /**
     * Applies an action to all tasks, even if it fails for some, for example for lack of memory.
     */
    private static void forEach(List<Task> tasks, Consumer<Task> action) {
        for (Task task : tasks) {
            try {
                action.accept(task);
            } catch (Throwable e) {
                reportUncaught(e);
            }
        }
    }

    /** Passes an exception to the thread's handler, so that the thread can continue. */
    private static void reportUncaught(Throwable failure) {
        Thread thread = Thread.currentThread();
        try {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
        } catch (Throwable e) {
            // Logging may fail for lack of memory.
        }
    }

    /** {@return the exception for requests that are rejected since too many are in flight} */
    OverloadedException overloaded() {
        return new OverloadedException(
                "too many requests at once",
                serviceTime.retryAfterSeconds(waitingCount, maxWorkers));
    }

    /** {@return the exception for requests that are rejected at shutdown} */
    static OverloadedException shuttingDown() {
        return new OverloadedException("shutting down", SHUTDOWN_RETRY_AFTER_SECONDS);
    }

    /** {@return the exception for requests whose deadline passed while they waited} */
    static DeadlineExceededException expired() {
        return new DeadlineExceededException("deadline exceeded before a worker was free");
    }
}
