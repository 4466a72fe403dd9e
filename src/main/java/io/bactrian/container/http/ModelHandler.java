package io.bactrian.container.http;

import io.bactrian.invocation.Answer;
import io.bactrian.model.ModelRepository;
import io.bactrian.tfserving.ModelDescriptions;
import io.bactrian.tfserving.ModelPath;
import io.bactrian.tfserving.ModelRequest;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/** The handler of TensorFlow Serving's REST API, {@code /v1/models/…}: of models. */
public final class ModelHandler extends PredictionHandler {

    private final ModelRepository repository;
    private final ModelDescriptions descriptions;

    /**
     * Creates a handler.
     *
     * @param repository the models
     * @param services what it shares with others
     */
    public ModelHandler(ModelRepository repository, PredictionServices services) {
        super(services);
        this.repository = repository;
        this.descriptions = new ModelDescriptions(repository);
    }

    @Override
    Target target(RoutingContext context) {
        ModelRequest.Head head =
                new ModelRequest.Head(
                        repository,
                        ModelPath.prediction(context.request().path()),
                        services().budget());
        return new Target(InvocationRoutes.TENSORFLOW_SERVING, head.modelName(), head::with);
    }

    /** Answers a GET: the state of a model, or its signatures. */
    void describe(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (refusesNow(request)) {
            return;
        }
        try {
            Answer answer = descriptions.of(ModelPath.description(request.path()));
            new AnswerWriter(request, answer, services().budget()).write();
        } catch (RuntimeException e) {
            HttpAnswers.refuse(request, services().errors().of(e));
        }
    }
}
