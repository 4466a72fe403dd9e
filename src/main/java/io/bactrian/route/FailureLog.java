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
 * Logs failures of exchanges that no caller waits for: wire taps, {@code onCompletion}, messages
 * consumed from a queue. All other failures are reported to the caller. Camel's own failure log is
 * disabled, since it can't tell such failures from bad requests.
 */
final class FailureLog extends SimpleEventNotifierSupport {

    private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);

    /**
     * The failures logged so far, in all contexts: the same failure is reported for a part of a
     * split, and again for the whole.
     */
    private static final Set<Throwable> LOGGED =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /** A limit on the length of a chain of causes, which may be cyclic. */
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
        if (!markLogged(failure)) {
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

    /**
     * Records a failure and its causes as logged.
     *
     * @return whether none of them had been logged before
     */
    private static boolean markLogged(Throwable failure) {
        boolean isNew = true;
        Throwable each = failure;
        for (int i = 0; each != null && i < MAX_CAUSES; i++) {
            isNew &= LOGGED.add(each);
            each = each.getCause();
        }
        return isNew;
    }
}
