package io.bactrian.container;

import io.bactrian.model.ModelNotFoundException;
import io.bactrian.pipeline.NotAcceptableException;
import io.bactrian.pipeline.PipelineEndpoint;
import io.bactrian.pipeline.PipelineUnavailableException;
import io.bactrian.pipeline.UnsupportedMediaTypeException;
import io.bactrian.tensor.BadInputException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/**
 * The first to see a request, on the event loop: answers {@code /ping}, and refuses what can be
 * refused by its head before the body is read and a worker is taken. What passes goes on to the
 * Camel routes.
 */
final class ContractHandler implements Handler<RoutingContext> {

    private static final String PING = "/ping";

    /** Bodies may take a fourth of the heap: a pipeline makes about as much again of each. */
    private static final int HEAP_SHARE = 4;

    private final long maxBodyBytes;
    private final Admission admission;
    private volatile ContainerState state = ContainerState.LOADING;
    private volatile PipelineSelector selector;

    ContractHandler(ContainerConfig config) {
        this.maxBodyBytes = config.maxBodyBytes();
        this.admission =
                new Admission(config.maxInFlight(), Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    }

    /** Begins to answer requests with the pipelines of {@code pipelines}. */
    void ready(PipelineSelector pipelines) {
        selector = pipelines;
        state = ContainerState.READY;
    }

    /** Refuses requests from now on; those under way go on. */
    void drain() {
        state = ContainerState.DRAINING;
    }

    /**
     * @return requests accepted and not answered yet
     */
    int inFlight() {
        return admission.inFlight();
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (context.normalizedPath().equals(PING)) {
            ping(context);
            return;
        }
        RequestTarget target = RequestTarget.of(context.normalizedPath());
        if (target == null) {
            refuse(
                    context,
                    404,
                    "nothing is here: there are GET /ping, POST /invocations and POST"
                            + " /models/<name>/invoke");
        } else if (request.method() != HttpMethod.POST) {
            notAllowed(context, "POST");
        } else if (state != ContainerState.READY) {
            closeIfDraining(context);
            unavailable(
                    context,
                    state == ContainerState.LOADING ? "models are loading" : "shutting down");
        } else if (bodySize(request) > maxBodyBytes) {
            // What is left of the body is not worth reading.
            context.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            refuse(context, 413, tooLargeMessage());
        } else {
            accept(context, target.pipelineOr(request.getHeader(SageMakerHeaders.TARGET_MODEL)));
        }
    }

    /**
     * @return what a request over the limit is told
     */
    String tooLargeMessage() {
        return "the body is larger than the limit of " + maxBodyBytes + " bytes";
    }

    private void accept(RoutingContext context, String pipeline) {
        PipelineEndpoint endpoint;
        try {
            endpoint = selector.select(pipeline).getEndpoint();
        } catch (ModelNotFoundException e) {
            refuse(context, 404, e.getMessage());
            return;
        } catch (PipelineUnavailableException e) {
            HttpAnswers.error(context.response(), ErrorAnswer.of(e));
            return;
        }
        HttpServerRequest request = context.request();
        try {
            new Negotiation(endpoint, request.headers());
        } catch (BadInputException | UnsupportedMediaTypeException | NotAcceptableException e) {
            HttpAnswers.error(context.response(), ErrorAnswer.of(e));
            return;
        }
        long size = bodySize(request);
        if (!admission.enter(size)) {
            unavailable(context, "too many requests at once");
            return;
        }
        context.addEndHandler(ended -> admission.leave(size));
        context.addHeadersEndHandler(ending -> closeIfDraining(context));
        context.next();
    }

    /**
     * Tells a client that goes on using its connection to open another, elsewhere: what it would
     * send on this one might come just when the server is gone.
     */
    private void closeIfDraining(RoutingContext context) {
        if (state == ContainerState.DRAINING) {
            context.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            context.addEndHandler(ended -> context.request().connection().close());
        }
    }

    private void ping(RoutingContext context) {
        HttpMethod method = context.request().method();
        if (method != HttpMethod.GET && method != HttpMethod.HEAD) {
            notAllowed(context, "GET, HEAD");
            return;
        }
        boolean ready = state == ContainerState.READY && selector.notReadyReason() == null;
        context.response().setStatusCode(ready ? 200 : 503).end();
    }

    /** A body sent in chunks, of no known length, counts as nothing: BodyHandler bounds it. */
    private static long bodySize(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        // Netty has refused a length that is no number.
        return length == null ? 0 : Long.parseLong(length);
    }

    private static void unavailable(RoutingContext context, String message) {
        refuse(context, 503, message);
    }

    private static void notAllowed(RoutingContext context, String allowed) {
        context.response().putHeader(HttpHeaders.ALLOW, allowed);
        refuse(context, 405, "this path takes " + allowed);
    }

    private static void refuse(RoutingContext context, int status, String message) {
        HttpAnswers.error(context.response(), status, message);
    }
}
