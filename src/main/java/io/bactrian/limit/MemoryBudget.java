package io.bactrian.limit;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes that all requests in flight may hold together: bodies as they arrive, and what decoding
 * them will take, reserved before it is allocated. Safe for use by many threads at once; nothing
 * here blocks.
 */
public final class MemoryBudget {

    private static final int RETRY_AFTER_SECONDS = 1;

    private final AtomicLong reserved = new AtomicLong();
    private volatile long limit;

    /**
     * @param limit in bytes, above 0
     */
    public MemoryBudget(long limit) {
        setLimit(limit);
    }

    /**
     * Changes the limit, once more is known about what else needs memory. What is reserved stays
     * reserved.
     *
     * @param limit in bytes, above 0
     */
    public final void setLimit(long limit) {
        if (limit <= 0) {
            throw new IllegalArgumentException("limit must be above 0, got " + limit);
        }
        this.limit = limit;
    }

    /** {@return a budget that never refuses} */
    public static MemoryBudget unlimited() {
        return new MemoryBudget(Long.MAX_VALUE);
    }

    /** {@return the limit in bytes} */
    public long limit() {
        return limit;
    }

    /** {@return bytes reserved now} */
    public long reserved() {
        return reserved.get();
    }

    /**
     * Reserves memory before it is allocated.
     *
     * @param what what needs it, for the error, such as {@code "decoding a JPEG of 9400x9400
     *     pixels"}
     * @param bytes how much, 0 or more
     * @return to be closed when the memory is free again
     * @throws InsufficientMemoryException if it is more than the whole budget
     * @throws OverloadedException if other requests hold too much of the budget now
     */
    public Reservation reserve(String what, long bytes) {
        if (bytes > limit) {
            throw new InsufficientMemoryException(
                    what
                            + " takes "
                            + bytes
                            + " bytes of memory, more than the "
                            + limit
                            + " bytes that requests may take");
        }
        Reservation reservation = new Reservation();
        if (!reservation.tryGrow(bytes)) {
            throw new OverloadedException(
                    "not enough memory now: " + what + " takes " + bytes + " bytes",
                    RETRY_AFTER_SECONDS);
        }
        return reservation;
    }

    /**
     * Records memory that is allocated already, even beyond the limit: then nothing more can be
     * reserved until it is free again.
     *
     * @param bytes how much, 0 or more
     * @return to be closed when the memory is free again
     */
    public Reservation charge(long bytes) {
        Reservation reservation = new Reservation();
        reserved.addAndGet(bytes);
        reservation.bytes.addAndGet(bytes);
        return reservation;
    }

    /** {@return whether more than the limit is reserved, since what was allocated is charged} */
    public boolean isExceeded() {
        return reserved.get() > limit;
    }

    /** {@return an empty reservation, to {@linkplain Reservation#tryGrow grow} as bytes arrive} */
    public Reservation open() {
        return new Reservation();
    }

    /** A part of the budget, given back once, whoever closes it and however often. */
    public final class Reservation implements AutoCloseable {

        private final AtomicLong bytes = new AtomicLong();
        private final AtomicBoolean closed = new AtomicBoolean();

        private Reservation() {}

        /**
         * Reserves more. To be called by one thread at a time, and not while another closes this.
         *
         * @param more bytes, 0 or more
         * @return false, with nothing reserved, if the budget has not that much left or this is
         *     closed
         */
        public boolean tryGrow(long more) {
            if (closed.get()) {
                return false;
            }
            long before;
            do {
                before = reserved.get();
                if (more > limit - before) {
                    return false;
                }
            } while (!reserved.compareAndSet(before, before + more));
            bytes.addAndGet(more);
            return true;
        }

        /**
         * Gives a part back. To be called by one thread at a time, and not after {@link #close}.
         *
         * @param fewer bytes that stay reserved, at most {@link #bytes()}
         */
        public void shrinkTo(long fewer) {
            reserved.addAndGet(fewer - bytes.getAndSet(fewer));
        }

        /** {@return bytes reserved} */
        public long bytes() {
            return bytes.get();
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                reserved.addAndGet(-bytes.get());
            }
        }
    }
}
