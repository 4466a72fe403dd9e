package io.bactrian.container.http;

import io.bactrian.invocation.BodyTooLargeException;
import io.bactrian.invocation.ErrorAnswers;
import io.bactrian.invocation.PipelineRequest;
import io.bactrian.invocation.RequestHeaders;
import io.bactrian.invocation.SageMakerHeaders;
import io.bactrian.limit.MemoryBudget;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;

/**
 * The handler of {@code POST /invocations} and {@code /models/<name>/invoke}. It validates the
 * head, receives the body, and adds the request to the pipeline's queue. Until the body is complete
 * a request uses no resources except the memory of the bytes received.
 */
public final class InvocationHandler implements Handler<RoutingContext> {

    private final ServingState serving;
    private final InvocationEngine engine;
    private final Dispatcher dispatcher;
    private final ErrorAnswers errors;
    private final MemoryBudget budget;
    private final long maxBodyBytes;

    /**
     * Creates a handler.
     *
     * @param serving the state and the pipelines
     * @param engine the consumers of requests
     * @param dispatcher the queues of the pipelines
     * @param errors makes the answers to failures
     * @param budget the memory budget of bodies and answers
     * @param maxBodyBytes the maximum size of a body in bytes
     */
    public InvocationHandler(
            ServingState serving,
            InvocationEngine engine,
            Dispatcher dispatcher,
            ErrorAnswers errors,
            MemoryBudget budget,
            long maxBodyBytes) {
        this.serving = serving;
        this.engine = engine;
        this.dispatcher = dispatcher;
        this.errors = errors;
        this.budget = budget;
        this.maxBodyBytes = maxBodyBytes;
    }

    ErrorAnswers errors() {
        return errors;
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        ContainerState state = serving.state();
        if (state != ContainerState.READY) {
            HttpAnswers.refuse(
                    request,
                    503,
                    state == ContainerState.LOADING ? "models are loading" : "shutting down");
            return;
        }
        InvocationEngine.Consumer route;
        PipelineRequest.Head head;
        RequestHeaders headers = request.headers()::getAll;
        try {
            RequestTarget target =
                    Objects.requireNonNull(RequestTarget.of(context.normalizedPath()));
            route = engine.consumer(target.route());
            String name = target.pipelineOr(request.getHeader(SageMakerHeaders.TARGET_MODEL));
            head = new PipelineRequest.Head(serving.selector().select(name), headers);
        } catch (RuntimeException e) {
            HttpAnswers.refuse(request, errors.of(e));
            return;
        }
        ContentEncoding encoding =
                ContentEncoding.of(request.headers().getAll(HttpHeaders.CONTENT_ENCODING));
        if (encoding == null) {
            HttpAnswers.refuse(request, 415, "Content-Encoding must be gzip, deflate or identity");
            return;
        }
        if (RequestHead.contentLength(request) > maxBodyBytes) {
            HttpAnswers.refuse(request, errors.of(new BodyTooLargeException(maxBodyBytes)));
            return;
        }
        DispatchQueue queue = dispatcher.queue(head.pipelineName());
        if (queue.isFull()) {
            // It would probably still be full when the body has arrived.
            HttpAnswers.refuse(request, errors.of(queue.overloaded()));
            return;
        }
        if (RequestHead.expectsContinue(request)) {
            request.response().writeContinue();
        }
        BodyReceiver.receive(
                request,
                encoding,
                maxBodyBytes,
                budget,
                (body, memory) ->
                        new Invocation(
                                        request,
                                        route,
                                        head.with(body),
                                        errors,
                                        budget,
                                        memory,
                                        dispatcher.deadline())
                                .dispatch(queue),
                failure -> HttpAnswers.refuse(request, errors.of(failure)));
    }
}
