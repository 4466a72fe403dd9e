package io.bactrian.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for conditions that other threads establish. */
public final class Await {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long POLL_NANOS = 200_000;

    private Await() {}

    /**
     * Returns when the condition holds.
     *
     * @param what the condition, for the error
     */
    public static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("waited in vain: " + what);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
