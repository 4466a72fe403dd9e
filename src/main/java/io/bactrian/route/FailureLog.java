package io.bactrian.route;

import io.bactrian.pipeline.ExchangeCaller;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.CamelEvent.ExchangeFailedEvent;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what fails where nobody waits for it: a wire tap, {@code onCompletion}, what was sent to a
 * queue. Everything else has a caller who is told, and Camel's own log of failures, which can't
 * tell these from a bad request, is off.
 */
final class FailureLog extends SimpleEventNotifierSupport {

    private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);

    FailureLog() {
        setIgnoreCamelContextInitEvents(true);
        setIgnoreCamelContextEvents(true);
        setIgnoreRouteEvents(true);
        setIgnoreServiceEvents(true);
        setIgnoreExchangeEvents(false);
        setIgnoreExchangeFailedEvents(false);
    }

    @Override
    public boolean isEnabled(CamelEvent event) {
        return event instanceof ExchangeFailedEvent failed
                && !ExchangeCaller.isTold(failed.getExchange());
    }

    @Override
    public void notify(CamelEvent event) {
        Exchange exchange = ((ExchangeFailedEvent) event).getExchange();
        Exception failure =
                exchange.getException() != null
                        ? exchange.getException()
                        : exchange.getProperty(
                                ExchangePropertyKey.EXCEPTION_CAUGHT, Exception.class);
        LOG.error(
                "an exchange that no request waits for failed in route {}",
                exchange.getProperty(
                        ExchangePropertyKey.FAILURE_ROUTE_ID,
                        exchange.getFromRouteId(),
                        String.class),
                failure);
    }
}
