package io.bactrian.serving;

import io.bactrian.model.SchedulerConfig;
import io.bactrian.model.TensorFlowConfig;
import io.bactrian.route.RouteConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The configuration of {@link LocalPipelines}.
 *
 * @param modelDirectory the folder with the SavedModels
 * @param opLibraries libraries of custom operations, loaded before the models
 * @param tensorFlow how TensorFlow runs models
 * @param scheduling how requests share the models
 * @param routes where the pipelines are, and which is the default
 * @param strict whether anything wrong with a model or pipeline is an error
 * @param maxBodyBytes the largest request body taken
 * @param timeout how long a request may take before its prediction begins
 */
public record ServingConfig(
        Path modelDirectory,
        List<Path> opLibraries,
        TensorFlowConfig tensorFlow,
        SchedulerConfig scheduling,
        RouteConfig routes,
        boolean strict,
        long maxBodyBytes,
        Duration timeout) {

    /**
     * Copies the list of libraries.
     *
     * @param modelDirectory the folder with the SavedModels
     * @param opLibraries libraries of custom operations, loaded before the models
     * @param tensorFlow how TensorFlow runs models
     * @param scheduling how requests share the models
     * @param routes where the pipelines are, and which is the default
     * @param strict whether anything wrong with a model or pipeline is an error
     * @param maxBodyBytes the largest request body taken
     * @param timeout how long a request may take before its prediction begins
     */
    public ServingConfig {
        opLibraries = List.copyOf(opLibraries);
    }
}
