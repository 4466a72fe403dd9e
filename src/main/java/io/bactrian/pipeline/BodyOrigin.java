package io.bactrian.pipeline;

import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.CamelEvent.ExchangeSendingEvent;
import org.apache.camel.spi.CamelEvent.ExchangeSentEvent;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.jspecify.annotations.Nullable;

/** Where the body comes from that a step can't read: from the HTTP request, or from elsewhere. */
public final class BodyOrigin {

    private static final String REQUEST_BODY = "bactrian.requestBody";

    /**
     * The body that was sent to another system or a model last: weakly referenced, since tensors
     * that an exchange leads to are kept in memory.
     */
    private static final String SENT_BODY = "bactrian.sentBody";

    /** The one sent before anybody had answered, which is made of the request's. */
    private static final String OWN_BODY = "bactrian.ownBody";

    /** Who answered with another body than was sent. */
    private static final String ANSWERED_BY = "bactrian.answeredBy";

    /** The endpoint that was sent to last. */
    private static final String SENT_TO = "bactrian.sentTo";

    private static final String OTHER_SYSTEM = "another system";

    private BodyOrigin() {}

    /**
     * Notes in the exchanges of a context who gave them a body.
     *
     * @param context the context, before routes are added
     */
    public static void useIn(CamelContext context) {
        context.getManagementStrategy().addEventNotifier(new SendingNotifier());
    }

    /**
     * Notes that {@code body} is the request's.
     *
     * @param exchange the exchange of the request
     * @param body the request's body
     */
    public static void setRequestBody(Exchange exchange, @Nullable Object body) {
        exchange.setProperty(REQUEST_BODY, body);
    }

    /**
     * {@return who gave a body that a step can't read: another system or a model; null if it was
     * the HTTP request, or can't be told}
     *
     * @param exchange the exchange whose body the step reads
     * @param body the body that it could not read
     */
    public static @Nullable String other(Exchange exchange, @Nullable Object body) {
        Object request = exchange.getProperty(REQUEST_BODY);
        if (request == null || request == body || isIn(exchange, OWN_BODY, body)) {
            return null;
        }
        String answeredBy = exchange.getProperty(ANSWERED_BY, String.class);
        return answeredBy != null ? answeredBy : polledFrom(exchange);
    }

    private static boolean isIn(Exchange exchange, String property, @Nullable Object body) {
        return exchange.getProperty(property) instanceof Reference<?> kept && kept.get() == body;
    }

    /** Of what is polled in a route there is no event. */
    private static @Nullable String polledFrom(Exchange exchange) {
        String uri = exchange.getProperty(ExchangePropertyKey.TO_ENDPOINT, String.class);
        if (uri == null || uri.equals(exchange.getProperty(SENT_TO))) {
            return null;
        }
        Endpoint polled = exchange.getContext().hasEndpoint(uri);
        return polled != null && polled.isRemote() ? OTHER_SYSTEM : null;
    }

    private static final class SendingNotifier extends SimpleEventNotifierSupport {

        SendingNotifier() {
            setIgnoreCamelContextInitEvents(true);
            setIgnoreCamelContextEvents(true);
            setIgnoreRouteEvents(true);
            setIgnoreServiceEvents(true);
            setIgnoreExchangeEvents(false);
            setIgnoreExchangeSendingEvents(false);
            setIgnoreExchangeSentEvents(false);
        }

        @Override
        public void notify(CamelEvent event) {
            if (event instanceof ExchangeSendingEvent sending) {
                sending(sending.getExchange(), sending.getEndpoint());
            } else if (event instanceof ExchangeSentEvent sent) {
                sent(sent.getExchange(), sent.getEndpoint());
            }
        }

        private static void sending(Exchange exchange, Endpoint to) {
            if (receiver(to) != null) {
                Reference<Object> body = new WeakReference<>(exchange.getMessage().getBody());
                exchange.setProperty(SENT_BODY, body);
                if (exchange.getProperty(ANSWERED_BY) == null) {
                    exchange.setProperty(OWN_BODY, body);
                }
            }
        }

        private static void sent(Exchange exchange, Endpoint to) {
            exchange.setProperty(SENT_TO, exchange.getProperty(ExchangePropertyKey.TO_ENDPOINT));
            String receiver = receiver(to);
            if (receiver != null && !isIn(exchange, SENT_BODY, exchange.getMessage().getBody())) {
                exchange.setProperty(ANSWERED_BY, receiver);
            }
        }

        private static @Nullable String receiver(Endpoint to) {
            return to.getEndpointUri().startsWith("tensorflow:")
                    ? "a model"
                    : to.isRemote() ? OTHER_SYSTEM : null;
        }
    }
}
