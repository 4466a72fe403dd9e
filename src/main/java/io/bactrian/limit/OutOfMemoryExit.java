package io.bactrian.limit;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process when memory runs out where no request can be blamed: a server that has none left
 * would go on to refuse, or to keep silent, for ever, and SageMaker starts another. Within a
 * request the error is that request's answer. A request that fills the heap may let any thread find
 * no room, and the room is back when the request has failed: so while requests are worked on, and
 * shortly after one has run out of memory, they are blamed.
 */
public final class OutOfMemoryExit implements Thread.UncaughtExceptionHandler {

    /** As Java does with {@code -XX:+ExitOnOutOfMemoryError}. */
    private static final int EXIT_CODE = 3;

    /** How long a request is blamed for after it has run out of memory. */
    private static final long BLAME_NANOS = 5_000_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(OutOfMemoryExit.class);

    /** Made beforehand, since there may be no memory for it then. */
    private static final byte[] MESSAGE =
            ("bactrian: out of memory outside of a request, so the process ends: give the container"
                            + " more memory, or set BACTRIAN_JAVA_OPTS=-Xmx…\n")
                    .getBytes(StandardCharsets.UTF_8);

    private static volatile boolean installed;
    private static volatile BooleanSupplier requestsWorkedOn = () -> false;
    private static volatile long blamedUntil = System.nanoTime();

    private OutOfMemoryExit() {}

    /** Watches over all threads from now on. */
    public static void install() {
        installed = true;
        Thread.setDefaultUncaughtExceptionHandler(new OutOfMemoryExit());
    }

    /**
     * Sets who is to blame if memory runs out: requests, while any are being worked on.
     *
     * @param atWork whether requests are being worked on
     */
    public static void blameRequests(BooleanSupplier atWork) {
        requestsWorkedOn = atWork;
    }

    /** To be called when a request has run out of memory. */
    public static void requestFailed() {
        blamedUntil = System.nanoTime() + BLAME_NANOS;
    }

    /**
     * To be called with what was thrown where nothing handles it and the thread goes on.
     *
     * @param failure what was thrown
     */
    public static void unhandled(Throwable failure) {
        exitIfOutOfMemory(failure);
        LOG.error("unhandled error", failure);
    }

    /** To be called when an event loop has ended that should not: only an error can do that. */
    public static void eventLoopEnded() {
        LOG.error("an event loop has ended");
        if (installed) {
            exit();
        }
    }

    @Override
    public void uncaughtException(Thread thread, Throwable failure) {
        exitIfOutOfMemory(failure);
        LOG.error("thread {} ended", thread.getName(), failure);
    }

    private static void exitIfOutOfMemory(Throwable failure) {
        if (failure instanceof OutOfMemoryError
                && installed
                && !requestsWorkedOn.getAsBoolean()
                && blamedUntil - System.nanoTime() <= 0) {
            exit();
        }
    }

    private static void exit() {
        try (FileOutputStream err = new FileOutputStream(FileDescriptor.err)) {
            err.write(MESSAGE);
        } catch (IOException e) {
            // There is nobody to tell.
        } finally {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }
}
