package io.bactrian.pipeline;

import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;

/**
 * The base class of aggregation strategies for a multicast whose result needs every branch. If one
 * branch fails, the whole fails; and so it does if one is missing, since in a parallel multicast
 * Camel 4.18.0 occasionally does not wait for the last branch.
 */
abstract class BranchAggregation implements AggregationStrategy {

    private static final String COUNT = "bactrian.branches";
    private static final String EXPECTED = "bactrian.allBranches";

    /**
     * Makes the body of the first branch what those of the others are added to; by default it is
     * that already.
     *
     * @param first the first branch's exchange, which gets the result
     * @throws PipelineFaultException if its body can't be aggregated
     */
    void begin(Exchange first) {}

    /**
     * Adds the body of a branch to the body of those before it.
     *
     * @param sum the first branch's exchange, which gets the result
     * @param branch the exchange of the branch to add
     * @throws PipelineFaultException if their bodies can't be aggregated
     */
    abstract void add(Exchange sum, Exchange branch);

    /**
     * Completes the result when all branches are added.
     *
     * @param branches how many there were
     */
    abstract void complete(Exchange sum, int branches);

    /**
     * Aggregates the exchanges of two branches. What {@link #add} throws fails the result: a
     * multicast whose strategy throws does not end, in Camel 4.18.0.
     */
    @Override
    public final Exchange aggregate(Exchange oldExchange, Exchange newExchange) {
        if (oldExchange != null && oldExchange.isFailed()) {
            return oldExchange;
        }
        if (newExchange.isFailed()) {
            return newExchange;
        }
        if (oldExchange == null) {
            try {
                begin(newExchange);
            } catch (PipelineFaultException e) {
                newExchange.setException(e);
            }
            newExchange.setProperty(COUNT, 1);
            expect(newExchange, newExchange);
            return newExchange;
        }
        try {
            add(oldExchange, newExchange);
        } catch (PipelineFaultException e) {
            oldExchange.setException(e);
            return oldExchange;
        }
        oldExchange.setProperty(COUNT, oldExchange.getProperty(COUNT, Integer.class) + 1);
        expect(oldExchange, newExchange);
        return oldExchange;
    }

    /** Keeps the number of branches, which Camel sets on the last one. */
    private static void expect(Exchange sum, Exchange branch) {
        if (branch.getProperty(ExchangePropertyKey.MULTICAST_COMPLETE, false, Boolean.class)) {
            int last = branch.getProperty(ExchangePropertyKey.MULTICAST_INDEX, Integer.class);
            sum.setProperty(EXPECTED, last + 1);
        }
    }

    @Override
    public final void onCompletion(Exchange exchange) {
        Object count = exchange.removeProperty(COUNT);
        Object expected = exchange.removeProperty(EXPECTED);
        if (exchange.isFailed() || !(count instanceof Integer branches)) {
            return;
        }
        if (!count.equals(expected)) {
            exchange.setException(
                    new IllegalStateException(
                            "Camel has aggregated only " + count + " branches of the multicast"));
            return;
        }
        try {
            complete(exchange, branches);
        } catch (PipelineFaultException e) {
            exchange.setException(e);
        }
    }
}
