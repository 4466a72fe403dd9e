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

/** The {@link DispatchQueue} of each pipeline, and the threads of all their workers. */
public final class Dispatcher implements AutoCloseable {

    private static final long IDLE_SECONDS = 60;

    private final int maxInFlight;
    private final long timeoutNanos;
    private final Map<String, DispatchQueue> queues = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor threads;
    private volatile int workers = 1;
    private volatile boolean closed;

    /**
     * @param maxInFlight requests of one pipeline that wait or are worked on, beyond which more are
     *     rejected
     * @param timeout how long after its body is there a request's prediction may begin
     */
    public Dispatcher(int maxInFlight, Duration timeout) {
        this.maxInFlight = maxInFlight;
        this.timeoutNanos = timeout.toNanos();
        AtomicInteger count = new AtomicInteger();
        // A queue starts no more workers than it may have, so this pool needs no bound.
        this.threads =
                new ThreadPoolExecutor(
                        0,
                        Integer.MAX_VALUE,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        task -> {
                            Thread thread = new Thread(task, "worker-" + count.incrementAndGet());
                            // The process does not wait for a run that never ends.
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /**
     * Sets how many requests of one pipeline are worked on at once; to be called before requests
     * come.
     */
    public void open(int workersOfAPipeline) {
        workers = workersOfAPipeline;
    }

    /** {@return the deadline of a request whose body is there now} */
    long deadline() {
        return System.nanoTime() + timeoutNanos;
    }

    /**
     * {@return the queue of a pipeline}
     *
     * @param pipeline the name of one that is served
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

    /** Rejects the requests whose deadline has passed while they waited. */
    void rejectLate() {
        long now = System.nanoTime();
        queues.values().forEach(queue -> queue.rejectLate(now));
    }

    /** {@return requests that wait for a worker} */
    public int waiting() {
        return sum(DispatchQueue::waiting);
    }

    /** {@return requests that are worked on} */
    public int running() {
        return sum(DispatchQueue::running);
    }

    private int sum(ToIntFunction<DispatchQueue> count) {
        return queues.values().stream().mapToInt(count).sum();
    }

    /**
     * Rejects what waits and what comes, and {@linkplain Task#abandon abandons} what is being
     * worked on.
     */
    @Override
    public void close() {
        closed = true;
        queues.values().forEach(DispatchQueue::close);
        threads.shutdown();
    }
}
