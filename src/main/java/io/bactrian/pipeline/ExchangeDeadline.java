package io.bactrian.pipeline;

import io.bactrian.limit.Deadline;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;

/**
 * The deadline of an exchange: that of the request which waits for it. What goes on when nobody
 * waits has none, although Camel copies the request's properties: a wire tap, what is sent to a
 * queue for later, and an aggregation that completes when the request is answered.
 */
public final class ExchangeDeadline {

    /** Whether somebody waits for the exchange itself: if so, nobody does for an InOnly copy. */
    private static final String WAITED_FOR = "bactrian.waitedFor";

    private ExchangeDeadline() {}

    /** Makes {@code deadline} that of an exchange whose caller waits for it. */
    public static void set(Exchange exchange, Deadline deadline) {
        exchange.setPattern(ExchangePattern.InOut);
        exchange.setProperty(PipelineConstants.DEADLINE, deadline);
        exchange.setProperty(WAITED_FOR, Boolean.TRUE);
    }

    /**
     * {@return the exchange property {@link PipelineConstants#DEADLINE}, if it is of any matter to
     * this exchange; else one that never passes}
     */
    public static Deadline of(Exchange exchange) {
        Deadline deadline = exchange.getProperty(PipelineConstants.DEADLINE, Deadline.class);
        return deadline == null || deadline.isOver() || isCopyForNobody(exchange)
                ? Deadline.none()
                : deadline;
    }

    private static boolean isCopyForNobody(Exchange exchange) {
        return exchange.getPattern() == ExchangePattern.InOnly
                && exchange.getProperty(WAITED_FOR) != null;
    }
}
