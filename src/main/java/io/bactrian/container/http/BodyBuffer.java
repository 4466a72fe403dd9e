package io.bactrian.container.http;

import io.bactrian.invocation.BodyTooLargeException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.limit.OverloadedException;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/**
 * A growing buffer of a request's body, bounded in size. Its memory is reserved from the memory
 * budget before it is allocated. It depends on the bytes received, of which it is at most twice as
 * much, and not on the announced length.
 */
final class BodyBuffer {

    private static final int INITIAL_BYTES = 8 * 1024;
    private static final int RETRY_AFTER_SECONDS = 1;

    private final long maxBytes;
    private final long expected;
    private final MemoryBudget budget;
    private final MemoryBudget.Reservation reservation;
    private byte[] bytes = new byte[0];
    private int size;

    /**
     * Creates an empty buffer.
     *
     * @param maxBytes the maximum size of the body
     * @param expected the announced size of the body in bytes, or -1 if it is unknown
     * @param budget the memory budget
     * @param reservation the reservation in {@code budget}, which the caller closes
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
     * Appends all bytes of a buffer.
     *
     * @throws BodyTooLargeException if the body exceeds its maximum size
     * @throws InsufficientMemoryException if the body exceeds the whole memory budget
     * @throws OverloadedException if too much of the budget is reserved by other requests
     */
    void append(Buffer source) {
        ensureCapacity(source.length());
        source.getBytes(bytes, size);
        size += source.length();
    }

    /**
     * Appends the first {@code length} bytes of an array.
     *
     * @throws RuntimeException as {@link #append(Buffer)} does
     */
    void append(byte[] source, int length) {
        ensureCapacity(length);
        System.arraycopy(source, 0, bytes, size, length);
        size += length;
    }

    private void ensureCapacity(int length) {
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
        long capacity = Math.max(needed, Math.max(INITIAL_BYTES, 2L * bytes.length));
        capacity = Math.min(capacity, expected >= needed ? expected : maxBytes);
        if (!reservation.tryGrow(capacity - bytes.length)) {
            throw new OverloadedException(
                    "not enough memory for the body now", RETRY_AFTER_SECONDS);
        }
        bytes = Arrays.copyOf(bytes, (int) capacity);
    }

    /** {@return the bytes appended so far, without copying if the buffer is full} */
    byte[] toByteArray() {
        return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    }
}
