package io.bactrian.container.http;

import io.bactrian.invocation.PipelineRequest;
import io.bactrian.invocation.RequestHeaders;
import io.bactrian.invocation.SageMakerHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;

/** The handler of {@code POST /invocations} and {@code /models/<name>/invoke}: of pipelines. */
public final class InvocationHandler extends PredictionHandler {

    /**
     * Creates a handler.
     *
     * @param services what it shares with others
     */
    public InvocationHandler(PredictionServices services) {
        super(services);
    }

    @Override
    Target target(RoutingContext context) {
        HttpServerRequest request = context.request();
        RequestHeaders headers = request.headers()::getAll;
        RequestTarget target = Objects.requireNonNull(RequestTarget.of(context.normalizedPath()));
        String name = target.pipelineOr(request.getHeader(SageMakerHeaders.TARGET_MODEL));
        PipelineRequest.Head head =
                new PipelineRequest.Head(services().serving().selector().select(name), headers);
        return new Target(target.route(), head.pipelineName(), head::with);
    }
}
