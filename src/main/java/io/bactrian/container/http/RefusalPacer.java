package io.bactrian.container.http;

/**
 * Slows down clients that try again at once when they were refused. Refusing costs about as much as
 * answering a small request, so a thousand such clients would leave no time for useful work.
 *
 * <p>Refusals up to a rate cost nothing worth mentioning, and are not slowed down. Beyond it each
 * refused connection is read from again only when its turn has come at that rate, or after the
 * longest pause at the latest.
 *
 * <p>Not safe for use by several threads.
 */
final class RefusalPacer {

    /** What a client is told by Retry-After. */
    private static final long MAX_PAUSE_NANOS = 1_000_000_000;

    /** How long refusals may come at any rate, when there were none before. */
    private static final long BURST_NANOS = 50_000_000;

    private final long interval;
    private long next;
    private boolean started;

    /**
     * @param perSecond refusals that are not slowed down
     */
    RefusalPacer(int perSecond) {
        this.interval = 1_000_000_000L / perSecond;
    }

    /**
     * {@return for how long to read nothing from the connection that was refused, in nanoseconds}
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
