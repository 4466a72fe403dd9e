package io.bactrian.tensor;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The tensors' memory that only the garbage collector can free. It does not see native memory, and
 * would let it grow as long as Java's heap has room, so it is asked to run whenever there is much.
 */
final class NativeGarbage {

    private static final long MAX_BYTES = 256L << 20;

    private static final AtomicLong BYTES = new AtomicLong();

    private NativeGarbage() {}

    static void add(long bytes) {
        long before = BYTES.getAndAdd(bytes);
        if (before < MAX_BYTES && before + bytes >= MAX_BYTES) {
            System.gc();
            BYTES.set(0);
        }
    }
}
