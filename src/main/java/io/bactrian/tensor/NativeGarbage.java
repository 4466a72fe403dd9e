package io.bactrian.tensor;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A count of the tensors' memory that perhaps only the garbage collector can free. The collector
 * does not see native memory, and would let it grow as long as the Java heap has room, so it is
 * asked to run whenever there is much.
 */
final class NativeGarbage {

    private static final long MAX_BYTES = 256L << 20;

    private static final AtomicLong BYTES = new AtomicLong();

    private NativeGarbage() {}

    /**
     * @param bytes the bytes added; negative if they were freed explicitly after all
     */
    static void add(long bytes) {
        long now = BYTES.addAndGet(bytes);
        if (now >= MAX_BYTES && BYTES.compareAndSet(now, 0)) {
            System.gc();
        } else if (now < 0) {
            // Of what was counted before the collector ran.
            BYTES.compareAndSet(now, 0);
        }
    }
}
