package io.bactrian.pipeline;

import io.bactrian.limit.MemoryBudget;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;

/** Memory that is reserved for an exchange, and free again when the exchange is done. */
public final class ExchangeMemory {

    /** The name of the {@link MemoryBudget} in the registry of Camel contexts that have one. */
    public static final String BUDGET = "memoryBudget";

    /** Less is not worth the trouble: there are not that many exchanges at a time. */
    private static final long MIN_BYTES = 64 * 1024;

    private ExchangeMemory() {}

    /**
     * Reserves memory before it is allocated, where the context has a budget.
     *
     * @param exchange the exchange that the memory is used for
     * @param what what needs it, for the error
     * @param bytes how much, 0 or more
     * @return closed when the exchange is done; who knows earlier that the memory is free, or a
     *     part of it, closes or shrinks it
     * @throws io.bactrian.limit.InsufficientMemoryException if it is more than the whole budget
     * @throws io.bactrian.limit.OverloadedException if other requests hold too much of it now
     */
    public static MemoryBudget.Reservation reserve(Exchange exchange, String what, long bytes) {
        MemoryBudget budget =
                bytes < MIN_BYTES
                        ? null
                        : exchange.getContext()
                                .getRegistry()
                                .lookupByNameAndType(BUDGET, MemoryBudget.class);
        if (budget == null) {
            return MemoryBudget.unlimited().reserve(what, bytes);
        }
        MemoryBudget.Reservation reservation = budget.reserve(what, bytes);
        exchange.getExchangeExtension()
                .addOnCompletion(
                        new SynchronizationAdapter() {
                            @Override
                            public void onDone(Exchange done) {
                                reservation.close();
                            }
                        });
        return reservation;
    }
}
