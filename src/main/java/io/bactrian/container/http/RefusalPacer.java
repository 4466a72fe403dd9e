package io.bactrian.container.http;

/**
 * A rate limiter of refusals: it slows down clients that retry immediately. A refusal costs about
 * as much as a small prediction, so that a thousand such clients would leave no time for useful
 * work.
 *
 * <p>Refusals up to a certain rate are cheap and not delayed. Beyond it, reading from each refused
 * connection is suspended such that the rate is kept, up to a maximum pause.
 *
 * <p>Not thread-safe.
 */
final class RefusalPacer {

    /** The same as the usual Retry-After of refusals. */
    private static final long MAX_PAUSE_NANOS = 1_000_000_000;

    /** The length of a burst that is not delayed. */
    private static final long BURST_NANOS = 50_000_000;

    private final long interval;
    private long next;
    private boolean started;

    /**
     * Creates a rate limiter.
     *
     * @param perSecond the rate of refusals that are not delayed
     */
    RefusalPacer(int perSecond) {
        this.interval = 1_000_000_000L / perSecond;
    }

    /**
     * {@return how long to suspend reading from a connection that was just refused, in nanoseconds}
     *
     * @param now a value of {@link System#nanoTime()}
     */
    long pause(long now) {
        if (!started || next - now < -BURST_NANOS) {
            started = true;
            next = now - BURST_NANOS;
        }
        next = Math.min(next - now + interval, MAX_PAUSE_NANOS) + now;
        return Math.max(0, next - now);
    }
}
