package io.bactrian.testing;

import io.bactrian.tensor.NamedTensors;
import org.apache.camel.Exchange;
import org.apache.camel.support.UnitOfWorkHelper;

/** Helpers for exchanges in tests of single steps, without a route. */
public final class Exchanges {

    private Exchanges() {}

    /** Completes an exchange that is not in a route, after removing its body. */
    public static void done(Exchange exchange) {
        exchange.getMessage().setBody(null);
        UnitOfWorkHelper.doneSynchronizations(
                exchange, exchange.getExchangeExtension().handoverCompletions());
    }

    /**
     * Waits until at most this many tensors are open, including those that the garbage collector
     * frees.
     */
    public static void awaitOpenTensors(long max) {
        Await.await(
                "at most " + max + " open tensors",
                () -> {
                    if (NamedTensors.open() <= max) {
                        return true;
                    }
                    System.gc();
                    return false;
                });
    }
}
