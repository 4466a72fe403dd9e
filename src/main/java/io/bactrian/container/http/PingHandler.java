package io.bactrian.container.http;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;

/**
 * {@code GET /ping}: 200 and nothing else when every model that can be served is loaded and warm,
 * and what {@code /invocations} needs is not broken; else 503. It is answered on the event loop,
 * never behind predictions.
 */
final class PingHandler implements Handler<RoutingContext> {

    private final ServingState serving;

    PingHandler(ServingState serving) {
        this.serving = serving;
    }

    @Override
    public void handle(RoutingContext context) {
        boolean isReady =
                serving.state() == ContainerState.READY
                        && serving.selector().notReadyReason() == null;
        context.response().setStatusCode(isReady ? 200 : 503).end();
    }
}
