package io.bactrian.container.http;

import io.bactrian.invocation.PipelineRequest;
import io.bactrian.invocation.RequestHeaders;
import io.bactrian.invocation.SageMakerHeaders;
import io.bactrian.pipeline.PipelineConsumer;
import io.bactrian.tfserving.ModelAttributes;
import io.bactrian.tfserving.ModelMethod;
import io.bactrian.tfserving.ModelRequest;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The handler of requests to pipelines, {@code POST /invocations} and {@code
 * /models/<name>/invoke}. With {@code tfs-method=classify} or {@code regress} in its custom
 * attributes a request goes to a model.
 */
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
        ModelAttributes attributes =
                ModelAttributes.of(request.getHeader(SageMakerHeaders.CUSTOM_ATTRIBUTES));
        String addressed = target.pipelineOr(request.getHeader(SageMakerHeaders.TARGET_MODEL));
        String name = addressed == null ? attributes.model() : addressed;
        if (attributes.method() != ModelMethod.PREDICT) {
            ModelRequest.Head model =
                    model(attributes, name == null ? select(null).getEndpoint().getName() : name);
            return new Target(target.route(), model.modelName(), model::with);
        }
        PipelineConsumer pipeline = select(name);
        if (attributes.version() != null) {
            // Fails for a version that is not served.
            model(attributes, pipeline.getEndpoint().getName());
        }
        PipelineRequest.Head head = new PipelineRequest.Head(pipeline, headers);
        return new Target(target.route(), head.pipelineName(), head::with);
    }

    private PipelineConsumer select(@Nullable String name) {
        return services().serving().selector().select(name);
    }

    private ModelRequest.Head model(ModelAttributes attributes, String name) {
        return new ModelRequest.Head(
                services().repository(), attributes.prediction(name), services().budget());
    }
}
