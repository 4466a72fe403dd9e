package io.bactrian.limit;

/**
 * The moving average of the time that requests are worked on, and from it the time until those that
 * wait have been. It is written under a lock of its owner's, and read by any thread.
 */
public final class ServiceTime {

    private static final int MAX_RETRY_AFTER_SECONDS = 60;
    private static final double NANOS_PER_SECOND = 1e9;

    /** A new time weighs 1/8 in the average. */
    private static final int AVERAGE_SHIFT = 3;

    private volatile long averageNanos;

    /**
     * Takes one more request's time into the average.
     *
     * @param nanos how long it was worked on
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // Written under the owner's lock only.
    public void add(long nanos) {
        averageNanos += (nanos - averageNanos) >> AVERAGE_SHIFT;
    }

    /**
     * {@return in how many seconds those that wait will have been worked on, from 1 to 60}
     *
     * @param waiting requests that wait
     * @param concurrency requests worked on at once, at least 1
     */
    public int retryAfterSeconds(int waiting, int concurrency) {
        double seconds = averageNanos * (double) waiting / concurrency / NANOS_PER_SECOND;
        return (int) Math.max(1, Math.min(MAX_RETRY_AFTER_SECONDS, Math.ceil(seconds)));
    }
}
