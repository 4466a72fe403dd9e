package io.bactrian.test;

import io.bactrian.tensor.NamedTensors;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.function.Executable;
import org.opentest4j.AssertionFailedError;

/**
 * Counts the tensors that are not freed, before a test and after it. Failed tests are checked as
 * well, or what they leave would be freed during a later test, and hide what that one leaks.
 */
final class TensorLeakCheck {

    /** Branches that no request waits for may go on after the answer. */
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    private static final long POLL_NANOS = 5_000_000;

    private static final int POLLS_BEFORE_GC = 20;

    private static final long SETTLING_NANOS = 20_000_000;

    private static final int MAX_SETTLING = 10;

    private final long before = withoutGarbage();

    /**
     * {@return how many tensors there are} Those that an earlier test has dropped are freed first:
     * freed during this one, they would hide as many of its own.
     */
    private static long withoutGarbage() {
        long open = NamedTensors.open();
        for (int i = 0; open > 0 && i < MAX_SETTLING; i++) {
            System.gc();
            LockSupport.parkNanos(SETTLING_NANOS);
            long left = NamedTensors.open();
            if (left == open) {
                return left;
            }
            open = left;
        }
        return open;
    }

    /**
     * Runs a test and checks it.
     *
     * @throws Throwable the test's failure, to which what it has not freed is added as suppressed
     */
    static void around(Executable test) throws Throwable {
        TensorLeakCheck tensors = new TensorLeakCheck();
        try {
            test.execute();
        } catch (Throwable failure) {
            try {
                tensors.check();
            } catch (AssertionFailedError leak) {
                failure.addSuppressed(leak);
            }
            throw failure;
        }
        tensors.check();
    }

    /**
     * Waits until there are no more tensors than before.
     *
     * @throws AssertionFailedError if there still are after five seconds
     */
    void check() {
        long end = System.nanoTime() + PATIENCE_NANOS;
        int polls = 0;
        while (NamedTensors.open() > before) {
            if (System.nanoTime() > end) {
                long open = NamedTensors.open() - before;
                throw new AssertionFailedError(
                        open
                                + (open == 1 ? " tensor was" : " tensors were")
                                + " not freed: a processor has made or retained tensors that it"
                                + " does not close (docs/pipelines.md)");
            }
            LockSupport.parkNanos(POLL_NANOS);
            if (++polls % POLLS_BEFORE_GC == 0) {
                // Tensors that a route has let go of are the garbage collector's.
                System.gc();
            }
        }
    }
}
