package io.bactrian.container.http;

import io.bactrian.invocation.Answer;
import io.bactrian.invocation.BodyTooLargeException;
import io.bactrian.invocation.ErrorAnswers;
import io.bactrian.invocation.ReceivedRequest;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The base class of handlers of predictions. It validates the head, receives the body, and adds the
 * request to its queue. Until the body is complete a request uses no resources except the memory of
 * the bytes received.
 */
abstract class PredictionHandler implements Handler<RoutingContext> {

    private final PredictionServices services;

    PredictionHandler(PredictionServices services) {
        this.services = services;
    }

    /**
     * The route and the queue of a request.
     *
     * @param route the path of the route in {@link InvocationRoutes} that works on it
     * @param queue the name of its queue: that of the pipeline or model
     * @param request makes the request of its body
     */
    record Target(String route, String queue, Function<byte[], ReceivedRequest> request) {}

    /**
     * {@return the route and the queue of a request, by its head}
     *
     * @throws RuntimeException what is wrong with the head, for {@link ErrorAnswers}
     */
    abstract Target target(RoutingContext context);

    final PredictionServices services() {
        return services;
    }

    @Override
    public final void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (isRefusedUntilReady(request)) {
            return;
        }
        InvocationEngine.Consumer route;
        Target target;
        try {
            target = target(context);
            route = services.engine().consumer(target.route());
        } catch (RuntimeException e) {
            HttpAnswers.refuse(request, services.errors().of(e));
            return;
        }
        ContentEncoding encoding =
                ContentEncoding.of(request.headers().getAll(HttpHeaders.CONTENT_ENCODING));
        if (encoding == null) {
            HttpAnswers.refuse(request, 415, "Content-Encoding must be gzip, deflate or identity");
            return;
        }
        if (RequestHead.contentLength(request) > services.maxBodyBytes()) {
            HttpAnswers.refuse(
                    request,
                    services.errors().of(new BodyTooLargeException(services.maxBodyBytes())));
            return;
        }
        DispatchQueue queue = services.dispatcher().queue(target.queue());
        if (queue.isFull()) {
            // It would probably still be full when the body has arrived.
            HttpAnswers.refuse(request, services.errors().of(queue.overloaded()));
            return;
        }
        if (RequestHead.expectsContinue(request)) {
            request.response().writeContinue();
        }
        BodyReceiver.receive(
                request,
                encoding,
                services.maxBodyBytes(),
                services.budget(),
                (body, memory) ->
                        new Invocation(
                                        request,
                                        route,
                                        target.request().apply(body),
                                        services.errors(),
                                        services.budget(),
                                        memory,
                                        services.dispatcher().deadline())
                                .dispatch(queue),
                failure -> HttpAnswers.refuse(request, services.errors().of(failure)));
    }

    /**
     * Answers a request without a body, on the event loop.
     *
     * @param answer makes the answer, or throws what is wrong with the request
     */
    final void answer(RoutingContext context, Supplier<Answer> answer) {
        HttpServerRequest request = context.request();
        if (isRefusedUntilReady(request)) {
            return;
        }
        try {
            write(request, answer.get());
        } catch (RuntimeException e) {
            HttpAnswers.refuse(request, services.errors().of(e));
        }
    }

    final void write(HttpServerRequest request, Answer answer) {
        new AnswerWriter(request, answer, services.budget()).write();
    }

    /** {@return whether a request was refused because the server is not ready} */
    private boolean isRefusedUntilReady(HttpServerRequest request) {
        ContainerState state = services.serving().state();
        if (state == ContainerState.READY) {
            return false;
        }
        HttpAnswers.refuse(
                request,
                503,
                state == ContainerState.LOADING ? "models are loading" : "shutting down");
        return true;
    }
}
