package io.bactrian.testing;

import io.bactrian.tensor.NamedTensors;
import org.apache.camel.Exchange;
import org.apache.camel.support.UnitOfWorkHelper;

/** Exchanges in tests of single steps, without a route. */
public final class Exchanges {

    private Exchanges() {}

    /** Ends an exchange that no route ends, with a body that nobody reads any more. */
    public static void done(Exchange exchange) {
        exchange.getMessage().setBody(null);
        UnitOfWorkHelper.doneSynchronizations(
                exchange, exchange.getExchangeExtension().handoverCompletions());
    }

    /**
     * Waits until there are no more tensors than these, those counted that the garbage collector is
     * to free.
     */
    public static void awaitOpenTensors(long most) {
        Await.await(
                "at most " + most + " open tensors",
                () -> {
                    if (NamedTensors.open() <= most) {
                        return true;
                    }
                    System.gc();
                    return false;
                });
    }
}
