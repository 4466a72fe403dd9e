package io.bactrian.container.http;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;

/**
 * The handler of {@code GET /ping}: 200 without a body if all models that can be served are loaded
 * and warm and the default pipeline is not broken, else 503. It answers on the event loop, so that
 * it does not wait for predictions.
 */
final class PingHandler implements Handler<RoutingContext> {

    private final ServingState serving;

    PingHandler(ServingState serving) {
        this.serving = serving;
    }

    @Override
    public void handle(RoutingContext context) {
        context.response().setStatusCode(serving.isReady() ? 200 : 503).end();
    }
}
