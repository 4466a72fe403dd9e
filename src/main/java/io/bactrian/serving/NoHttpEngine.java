package io.bactrian.serving;

import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;

/** The engine of Camel's {@code platform-http} component where there is no HTTP server. */
public final class NoHttpEngine implements PlatformHttpEngine {

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        throw notServed(endpoint);
    }

    /**
     * {@return the error for a route of a user's from {@code platform-http:}}
     *
     * @param endpoint the endpoint that the route is from
     */
    public static IllegalArgumentException notServed(PlatformHttpEndpoint endpoint) {
        return new IllegalArgumentException(
                "platform-http:"
                        + endpoint.getPath()
                        + " is not served by this container: a route that starts with"
                        + " pipeline:<name> is, at /models/<name>/invoke");
    }

    @Override
    public int getServerPort() {
        throw new UnsupportedOperationException("there is no HTTP server");
    }
}
