package io.bactrian.container.http;

import io.bactrian.inference.InferenceMetadata;
import io.bactrian.inference.InferencePath;
import io.bactrian.inference.InferenceRequest;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/** The handler of requests of the Open Inference Protocol to models, {@code /v2/…}. */
public final class InferenceHandler extends PredictionHandler {

    private final InferenceMetadata metadata;

    /**
     * Creates a handler.
     *
     * @param services what it shares with others
     */
    public InferenceHandler(PredictionServices services) {
        super(services);
        this.metadata = new InferenceMetadata(services.repository());
    }

    @Override
    Target target(RoutingContext context) {
        HttpServerRequest request = context.request();
        InferenceRequest.Head head =
                new InferenceRequest.Head(
                        services().repository(),
                        InferencePath.of(request.path()),
                        request.headers()::getAll,
                        services().budget());
        return new Target(InvocationRoutes.OPEN_INFERENCE, head.modelName(), head::with);
    }

    /** Answers what the server is. */
    void server(RoutingContext context) {
        write(context.request(), InferenceMetadata.server());
    }

    /** Answers that the server is there, while models are loading too. */
    void live(RoutingContext context) {
        write(context.request(), InferenceMetadata.live());
    }

    /** Answers whether the server is ready, as {@link PingHandler} does. */
    void ready(RoutingContext context) {
        write(context.request(), InferenceMetadata.ready(services().serving().isReady()));
    }

    /** Answers a model's metadata, or whether it is ready. */
    void describe(RoutingContext context) {
        String path = context.request().path();
        answer(context, () -> metadata.of(InferencePath.of(path)));
    }
}
