package io.bactrian.container.http;

import io.bactrian.tfserving.ModelDescriptions;
import io.bactrian.tfserving.ModelPath;
import io.bactrian.tfserving.ModelRequest;
import io.vertx.ext.web.RoutingContext;

/** The handler of requests of TensorFlow Serving's REST API to models, {@code /v1/models/…}. */
public final class ModelHandler extends PredictionHandler {

    private final ModelDescriptions descriptions;

    /**
     * Creates a handler.
     *
     * @param services what it shares with others
     */
    public ModelHandler(PredictionServices services) {
        super(services);
        this.descriptions = new ModelDescriptions(services.repository());
    }

    @Override
    Target target(RoutingContext context) {
        ModelRequest.Head head =
                new ModelRequest.Head(
                        services().repository(),
                        ModelPath.prediction(context.request().path()),
                        services().budget());
        return new Target(InvocationRoutes.TENSORFLOW_SERVING, head.modelName(), head::with);
    }

    /** Answers a GET: the state of a model, or its signatures. */
    void describe(RoutingContext context) {
        String path = context.request().path();
        answer(context, () -> descriptions.of(ModelPath.description(path)));
    }
}
