package io.bactrian.container.http;

import io.bactrian.invocation.ErrorAnswers;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.model.ModelRepository;

/**
 * What the handlers of predictions share.
 *
 * @param repository the models
 * @param serving the state and the pipelines
 * @param engine the consumers of requests
 * @param dispatcher the queues of requests
 * @param errors makes the answers to failures
 * @param budget the memory budget of bodies and answers
 * @param maxBodyBytes the maximum size of a body in bytes
 */
public record PredictionServices(
        ModelRepository repository,
        ServingState serving,
        InvocationEngine engine,
        Dispatcher dispatcher,
        ErrorAnswers errors,
        MemoryBudget budget,
        long maxBodyBytes) {}
