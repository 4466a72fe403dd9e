package io.bactrian.container.http;

import io.bactrian.container.http.DispatchQueue.Task;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToIntFunction;

/** The {@link DispatchQueue}s of all pipelines, and the thread pool of their workers. */
public final class Dispatcher implements AutoCloseable {

    private static final long KEEP_ALIVE_SECONDS = 60;

    private final int maxInFlight;
    private final long timeoutNanos;
    private final Map<String, DispatchQueue> queues = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor threads;
    private volatile int workers = 1;
    private volatile boolean closed;

    /**
     * Creates a dispatcher.
     *
     * @param maxInFlight the maximum number of requests of one pipeline that wait or are processed;
     *     further ones are rejected
     * @param timeout the time after the arrival of a request's body within which its prediction
     *     must begin
     */
    public Dispatcher(int maxInFlight, Duration timeout) {
        this.maxInFlight = maxInFlight;
        this.timeoutNanos = timeout.toNanos();
        AtomicInteger count = new AtomicInteger();
        // The queues bound the number of their workers, so the pool needs no bound.
        this.threads =
                new ThreadPoolExecutor(
                        0,
                        Integer.MAX_VALUE,
                        KEEP_ALIVE_SECONDS,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        task -> {
                            Thread thread = new Thread(task, "worker-" + count.incrementAndGet());
                            // The process must be able to exit while a run hangs.
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /**
     * Sets the concurrency; must be called before the first request.
     *
     * @param workersPerPipeline the maximum number of requests of one pipeline processed at once
     */
    public void open(int workersPerPipeline) {
        workers = workersPerPipeline;
    }

    /** {@return the deadline of a request whose body has arrived now} */
    long deadline() {
        return System.nanoTime() + timeoutNanos;
    }

    /**
     * {@return the queue of a pipeline}
     *
     * @param pipeline the name of a started pipeline
     */
    DispatchQueue queue(String pipeline) {
        DispatchQueue queue = queues.get(pipeline);
        return queue != null ? queue : queues.computeIfAbsent(pipeline, name -> newQueue());
    }

    private DispatchQueue newQueue() {
        DispatchQueue queue =
                new DispatchQueue(
                        maxInFlight, workers, threads, new ReentrantLock(), System::nanoTime);
        if (closed) {
            queue.close();
        }
        return queue;
    }

    /** Rejects the waiting requests of all pipelines whose deadline has passed. */
    void rejectExpired() {
        long now = System.nanoTime();
        queues.values().forEach(queue -> queue.rejectExpired(now));
    }

    /** {@return the number of requests that wait for a worker} */
    public int waiting() {
        return sum(DispatchQueue::waiting);
    }

    /** {@return the number of requests that are being processed} */
    public int running() {
        return sum(DispatchQueue::running);
    }

    private int sum(ToIntFunction<DispatchQueue> count) {
        return queues.values().stream().mapToInt(count).sum();
    }

    /**
     * Rejects waiting and future requests, and {@linkplain Task#abandon abandons} those that are
     * being processed.
     */
    @Override
    public void close() {
        closed = true;
        queues.values().forEach(DispatchQueue::close);
        threads.shutdown();
    }
}
