package io.bactrian.container.http;

import io.bactrian.invocation.BodyTooLargeException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.limit.OverloadedException;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/**
 * A request's body as it arrives: bounded in size, and admitted against the memory budget before it
 * takes memory. A length that was announced reserves nothing: memory is taken only by what has
 * come, and at most twice as much.
 */
final class BodyBuffer {

    private static final int FIRST_BYTES = 8 * 1024;
    private static final int RETRY_AFTER_SECONDS = 1;

    private final long maxBytes;
    private final long expected;
    private final MemoryBudget budget;
    private final MemoryBudget.Reservation reservation;
    private byte[] bytes = new byte[0];
    private int size;

    /**
     * @param maxBytes the largest body taken
     * @param expected how many bytes will come, or -1 if that is not known
     * @param reservation the body's part of {@code budget}; the caller closes it
     */
    BodyBuffer(
            long maxBytes,
            long expected,
            MemoryBudget budget,
            MemoryBudget.Reservation reservation) {
        this.maxBytes = maxBytes;
        this.expected = expected;
        this.budget = budget;
        this.reservation = reservation;
    }

    /**
     * @throws BodyTooLargeException if the body is larger than the largest one taken
     * @throws InsufficientMemoryException if it is larger than all memory that requests may take
     * @throws OverloadedException if other requests hold too much of it now
     */
    void append(Buffer source) {
        makeRoom(source.length());
        source.getBytes(bytes, size);
        size += source.length();
    }

    /**
     * @throws RuntimeException as the other does
     */
    void append(byte[] source, int length) {
        makeRoom(length);
        System.arraycopy(source, 0, bytes, size, length);
        size += length;
    }

    private void makeRoom(int length) {
        if (length > maxBytes - size) {
            throw new BodyTooLargeException(maxBytes);
        }
        if (size + length > bytes.length) {
            grow(size + length);
        }
    }

    private void grow(int needed) {
        if (needed > budget.limit()) {
            throw new InsufficientMemoryException(
                    "a body of "
                            + needed
                            + " bytes or more takes more than the "
                            + budget.limit()
                            + " bytes of memory that requests may take");
        }
        long capacity = Math.max(needed, Math.max(FIRST_BYTES, 2L * bytes.length));
        capacity = Math.min(capacity, expected >= needed ? expected : maxBytes);
        if (!reservation.tryGrow(capacity - bytes.length)) {
            throw new OverloadedException(
                    "not enough memory for the body now", RETRY_AFTER_SECONDS);
        }
        bytes = Arrays.copyOf(bytes, (int) capacity);
    }

    /** {@return the body} */
    byte[] toByteArray() {
        return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    }
}
