package io.bactrian.format;

import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** The memory that is reserved while a request is read, and then for its tensors. */
public final class ReadingMemory {

    private final Exchange exchange;
    private MemoryBudget.@Nullable Reservation reservation;

    ReadingMemory(Exchange exchange) {
        this.exchange = exchange;
    }

    /**
     * Reserves memory instead of what was reserved before, and before it is allocated.
     *
     * @param bytes the total of what reading the request allocates, including the tensors
     * @throws io.bactrian.limit.InsufficientMemoryException if it is more than the whole budget
     * @throws io.bactrian.limit.OverloadedException if other requests hold too much of it now
     */
    public void reserve(long bytes) {
        release();
        reservation = ExchangeMemory.reserve(exchange, "reading this request", bytes);
    }

    void keep(long bytes) {
        if (reservation != null) {
            reservation.shrinkTo(bytes);
        }
    }

    void release() {
        if (reservation != null) {
            reservation.close();
        }
    }
}
