package io.bactrian.route;

import io.bactrian.pipeline.ExchangeCaller;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
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

    /**
     * The failures that were logged, in any context: a part of a split fails, and then the whole.
     */
    private static final Set<Throwable> LOGGED =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /** Exceptions may be each other's cause. */
    private static final int MAX_CAUSES = 50;

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
        if (isLogged(failure)) {
            return;
        }
        LOG.error(
                "an exchange that no request waits for failed in route {}",
                exchange.getProperty(
                        ExchangePropertyKey.FAILURE_ROUTE_ID,
                        exchange.getFromRouteId(),
                        String.class),
                failure);
    }

    /** Whether the failure was logged, or one that it is a consequence of; if not, it now is. */
    private static boolean isLogged(Throwable failure) {
        boolean logged = false;
        Throwable each = failure;
        for (int i = 0; each != null && i < MAX_CAUSES; i++) {
            logged |= !LOGGED.add(each);
            each = each.getCause();
        }
        return logged;
    }
}
