package io.bactrian.invocation;

import io.bactrian.limit.MemoryBudget;
import org.jspecify.annotations.Nullable;

/** The memory that is reserved while a request is read, and until it is answered. */
public final class ReadingReservation implements AutoCloseable {

    private final MemoryBudget budget;
    private MemoryBudget.@Nullable Reservation reservation;

    /**
     * @param budget the memory that all requests together may take
     */
    public ReadingReservation(MemoryBudget budget) {
        this.budget = budget;
    }

    /**
     * Reserves memory instead of what was reserved before, and before it is allocated.
     *
     * @param bytes the total of what reading the request allocates, including the tensors
     * @throws io.bactrian.limit.InsufficientMemoryException if it is more than the whole budget
     * @throws io.bactrian.limit.OverloadedException if other requests hold too much of it now
     */
    public void reserve(long bytes) {
        close();
        reservation = budget.reserve("reading this request", bytes);
    }

    @Override
    public void close() {
        if (reservation != null) {
            reservation.close();
            reservation = null;
        }
    }
}
