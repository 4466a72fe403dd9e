package io.bactrian.container;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;

/**
 * Camel's HTTP engine with consumers that hand over a request as it was sent.
 *
 * <p>Camel's own consumer merges request headers, query parameters, path parameters and form fields
 * into one map, so that {@code ?Content-Type=…} changes the content type, and replaces the bodies
 * of forms by their fields. Here the body is always the bytes of the request, and the headers are
 * read from the request by whoever needs one.
 */
final class InvocationEngine extends VertxPlatformHttpEngine {

    private final List<Handler<RoutingContext>> beforeRoutes;

    /**
     * @param beforeRoutes what a request passes before a route, one of which must read its body
     */
    InvocationEngine(List<Handler<RoutingContext>> beforeRoutes) {
        this.beforeRoutes = beforeRoutes;
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        // Otherwise the endpoint looks for fields of forms.
        endpoint.setUseBodyHandler(false);
        return new VertxPlatformHttpConsumer(
                endpoint,
                processor,
                beforeRoutes,
                VertxPlatformHttpRouter.getRouterNameFromPort(getServerPort())) {
            @Override
            protected Future<Void> processHttpRequest(Exchange exchange, RoutingContext context) {
                HttpMessage message =
                        new HttpMessage(exchange, context.request(), context.response());
                message.setHeader(Exchange.HTTP_PATH, context.normalizedPath());
                message.setBody(context.body().buffer());
                exchange.setMessage(message);
                return Future.succeededFuture();
            }
        };
    }
}
