package io.bactrian.container;

import io.bactrian.model.ModelNotFoundException;
import io.bactrian.pipeline.PipelineComponent;
import io.bactrian.pipeline.PipelineConsumer;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which pipeline a request goes to: the one that is named, else {@code BACTRIAN_PIPELINE}, else the
 * only one the user wrote, else the only model's {@code predict}.
 */
final class PipelineSelector {

    private final PipelineComponent pipelines;
    private final String defaultPipeline;
    private final Collection<String> candidates;

    /**
     * @param pipelines the pipelines that are served
     * @param configured {@code BACTRIAN_PIPELINE}, or null
     * @param written the pipelines the user wrote
     * @param builtIn the pipelines of the models the user wrote none for
     */
    PipelineSelector(
            PipelineComponent pipelines,
            String configured,
            List<String> written,
            List<String> builtIn) {
        this.pipelines = pipelines;
        this.candidates = written.isEmpty() ? builtIn : written;
        this.defaultPipeline =
                configured != null
                        ? configured
                        : candidates.size() == 1 ? candidates.iterator().next() : null;
    }

    /**
     * @return the pipeline of requests that name none, or null if that must be told
     */
    String defaultPipeline() {
        return defaultPipeline;
    }

    /**
     * @param name a pipeline's name, or null for the default
     * @throws ModelNotFoundException if there is no such pipeline, or no default
     */
    PipelineConsumer select(String name) {
        String wanted = name == null ? defaultPipeline : name;
        if (wanted == null) {
            throw new ModelNotFoundException(
                    candidates.isEmpty()
                            ? "no model is served here"
                            : "several pipelines are served here: post to /models/<name>/invoke or set"
                                    + " BACTRIAN_PIPELINE, to one of "
                                    + String.join(", ", candidates));
        }
        PipelineConsumer pipeline = pipelines.pipeline(wanted);
        if (pipeline == null) {
            // The name may have come in a header, and no header is echoed.
            throw new ModelNotFoundException(
                    "no model or pipeline of that name is served here: there are " + served());
        }
        return pipeline;
    }

    private String served() {
        return pipelines.pipelines().stream()
                .map(pipeline -> pipeline.getEndpoint().getName())
                .collect(Collectors.joining(", "));
    }
}
