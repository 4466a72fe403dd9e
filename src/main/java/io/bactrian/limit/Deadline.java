package io.bactrian.limit;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The moment after which a request is not worth running any more. */
public final class Deadline {

    private static final Deadline NONE = new Deadline(false, 0);

    private final boolean bounded;
    private final long nanoTime;
    private volatile boolean over;

    private Deadline(boolean bounded, long nanoTime) {
        this.bounded = bounded;
        this.nanoTime = nanoTime;
    }

    /** {@return a deadline that never passes} */
    public static Deadline none() {
        return NONE;
    }

    /**
     * {@return the deadline after some time from now}
     *
     * @param duration from now; zero or less has passed already
     */
    public static Deadline after(Duration duration) {
        long nanos;
        try {
            nanos = duration.toNanos();
        } catch (ArithmeticException beyond) {
            return duration.isNegative() ? at(System.nanoTime()) : NONE;
        }
        return at(System.nanoTime() + nanos);
    }

    /**
     * {@return the deadline at a time of a clock}
     *
     * @param nanoTime a value of {@link System#nanoTime()}, or of the clock that it will be
     *     compared with
     */
    public static Deadline at(long nanoTime) {
        return new Deadline(true, nanoTime);
    }

    /** Notes that what was to be done by then is done, or is not waited for any more. */
    public void end() {
        over = bounded;
    }

    /**
     * {@return whether it was {@linkplain #end ended}: it is of no matter then whether it has
     * passed}
     */
    public boolean isOver() {
        return over;
    }

    /** {@return whether it has passed} */
    public boolean isPassed() {
        return bounded && isPassed(System.nanoTime());
    }

    /** {@return the time left, never less than zero; null for a deadline that never passes} */
    public @Nullable Duration remaining() {
        return bounded ? Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime())) : null;
    }

    /**
     * {@return whether it has passed at some time}
     *
     * @param now a value of {@link System#nanoTime()}
     */
    public boolean isPassed(long now) {
        return bounded && nanoTime - now <= 0;
    }

    /**
     * {@return nanoseconds from {@code now}; {@link Long#MAX_VALUE} for a deadline that never
     * passes}
     *
     * @param now a time of {@link System#nanoTime}
     */
    public long remainingNanos(long now) {
        return bounded ? nanoTime - now : Long.MAX_VALUE;
    }

    @Override
    public String toString() {
        Duration remaining = remaining();
        return remaining == null ? "none" : "in " + remaining.toMillis() + " ms";
    }
}
