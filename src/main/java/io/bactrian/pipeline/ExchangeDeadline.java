package io.bactrian.pipeline;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;

/**
 * The deadline of an exchange: that of the request which waits for it. What goes on when nobody
 * waits has none, although Camel copies the request's properties: a wire tap, what is sent to a
 * queue for later, and an aggregation that completes when the request is answered.
 */
public final class ExchangeDeadline {

    private ExchangeDeadline() {}

    /**
     * Makes {@code deadline} that of an exchange whose caller waits for it.
     *
     * @param exchange the exchange of a request
     * @param deadline when the caller gives up
     */
    public static void set(Exchange exchange, Deadline deadline) {
        exchange.setPattern(ExchangePattern.InOut);
        exchange.setProperty(PipelineConstants.DEADLINE, deadline);
        ExchangeCaller.setRequests(exchange);
    }

    /**
     * {@return the exchange property {@link PipelineConstants#DEADLINE}, if it is of any matter to
     * this exchange; else one that never passes}
     *
     * @param exchange the exchange of a request
     */
    public static Deadline of(Exchange exchange) {
        Deadline deadline = exchange.getProperty(PipelineConstants.DEADLINE, Deadline.class);
        return deadline == null || deadline.isOver() || ExchangeCaller.isForNobody(exchange)
                ? Deadline.none()
                : deadline;
    }

    /**
     * {@return a check for long loops, which fails once the deadline has passed}
     *
     * @param exchange the exchange of a request
     * @param what what is done meanwhile, for the error, such as {@code boxes were compared}
     */
    public static Runnable check(Exchange exchange, String what) {
        Deadline deadline = of(exchange);
        return () -> {
            if (deadline.isPassed()) {
                throw new DeadlineExceededException("deadline exceeded while " + what);
            }
        };
    }
}
