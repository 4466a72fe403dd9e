package io.bactrian.pipeline;

import java.lang.ref.WeakReference;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;

/**
 * Who waits for an exchange: an HTTP request, or another exchange, which calls a pipeline by it.
 * Camel copies the properties of an exchange, these as well, whatever the copy is for. So each
 * names the exchange that it is of.
 */
public final class ExchangeCaller {

    private static final String REQUEST = "bactrian.request";
    private static final String CALL = "bactrian.call";

    private final Object request;
    private final Object call;

    private ExchangeCaller(Object request, Object call) {
        this.request = request;
        this.call = call;
    }

    static ExchangeCaller of(Exchange exchange) {
        return new ExchangeCaller(exchange.getProperty(REQUEST), exchange.getProperty(CALL));
    }

    void setOn(Exchange exchange) {
        exchange.setProperty(REQUEST, request);
        exchange.setProperty(CALL, call);
    }

    static void setRequests(Exchange exchange) {
        exchange.setProperty(REQUEST, new WeakReference<>(exchange));
    }

    /** Notes that {@code exchange} is a call by {@code caller}, for which a request may wait. */
    static void setCalled(Exchange exchange, Exchange caller) {
        exchange.setProperty(
                REQUEST,
                isOf(REQUEST, caller)
                        ? new WeakReference<>(exchange)
                        : caller.getProperty(REQUEST));
        exchange.setProperty(CALL, new WeakReference<>(exchange));
    }

    /** {@return whether a request waits for what the exchange was copied from, but not for it} */
    static boolean isForNobody(Exchange exchange) {
        return exchange.getPattern() == ExchangePattern.InOnly
                && exchange.getProperty(REQUEST) != null
                && !isOf(REQUEST, exchange);
    }

    /**
     * {@return whether somebody learns how the exchange ends: its request, the pipeline's caller,
     * or whoever wants an answer}
     *
     * @param exchange the exchange, or a copy that a step of the route made of it
     */
    public static boolean isTold(Exchange exchange) {
        return exchange.getPattern() != ExchangePattern.InOnly
                || isOf(REQUEST, exchange)
                || isOf(CALL, exchange);
    }

    private static boolean isOf(String key, Exchange exchange) {
        return exchange.getProperty(key) instanceof WeakReference<?> of && of.get() == exchange;
    }
}
