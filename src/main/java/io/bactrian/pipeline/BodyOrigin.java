package io.bactrian.pipeline;

import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;

/** Where the body comes from that a step can't read: from the HTTP request, or from elsewhere. */
public final class BodyOrigin {

    private static final String REQUEST_BODY = "bactrian.requestBody";

    private BodyOrigin() {}

    /** Notes that {@code body} is the request's. */
    public static void setRequestBody(Exchange exchange, Object body) {
        exchange.setProperty(REQUEST_BODY, body);
    }

    /**
     * {@return who gave it, if that was neither the HTTP request nor can't be told; else null}
     *
     * @param body what a step can't read
     */
    public static String other(Exchange exchange, Object body) {
        Object request = exchange.getProperty(REQUEST_BODY);
        String uri = exchange.getProperty(ExchangePropertyKey.TO_ENDPOINT, String.class);
        if (request == null || request == body || uri == null) {
            return null;
        }
        if (uri.startsWith("tensorflow:")) {
            return "a model";
        }
        Endpoint called = exchange.getContext().hasEndpoint(uri);
        return called != null && called.isRemote() ? "another system" : null;
    }
}
