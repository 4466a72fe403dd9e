package io.bactrian.route;

import io.bactrian.model.ModelNotFoundException;
import io.bactrian.pipeline.PipelineConsumer;
import io.bactrian.pipeline.PipelineRegistry;
import io.bactrian.pipeline.PipelineUnavailableException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Selects the pipeline of a request: the one that it names, else {@code BACTRIAN_PIPELINE}, else
 * the only one that route files define, else {@code predict} if there is only one model. A broken
 * pipeline can be selected, too: its requests fail instead of going to another pipeline.
 */
public final class PipelineSelector {

    private static final String NOTHING_SERVED = "nothing can be served";

    private final PipelineRegistry pipelines;
    private final RouteConfig config;
    private final LoadedPipelines loaded;
    private final @Nullable String defaultPipeline;
    private final @Nullable String notReadyReason;

    /**
     * Creates a selector.
     *
     * @param pipelines the started pipelines
     * @param config the default pipeline, and the folders whose names are removed from answers
     * @param loaded the result of loading the pipelines
     */
    public PipelineSelector(
            PipelineRegistry pipelines, RouteConfig config, LoadedPipelines loaded) {
        this.pipelines = pipelines;
        this.config = config;
        this.loaded = loaded;
        List<String> candidates = loaded.candidates();
        this.defaultPipeline =
                config.defaultPipeline() != null
                        ? config.defaultPipeline()
                        : candidates.size() == 1 ? candidates.get(0) : null;
        this.notReadyReason = findNotReadyReason();
    }

    private @Nullable String findNotReadyReason() {
        if (pipelines.pipelines().isEmpty()) {
            return NOTHING_SERVED
                    + (loaded.faults().isEmpty() ? "" : ": " + loaded.faults().get(0));
        }
        return defaultPipeline == null ? null : loaded.broken().get(defaultPipeline);
    }

    /**
     * {@return the reason why the server is not ready for requests although it runs: nothing can be
     * served, or the default pipeline is broken; null if it is ready}
     */
    public @Nullable String notReadyReason() {
        return notReadyReason;
    }

    /** {@return the pipeline of requests that name none; null if each request must name one} */
    public @Nullable String defaultPipeline() {
        return defaultPipeline;
    }

    /**
     * {@return the pipeline of a request}
     *
     * @param name a pipeline's name, or null for the default
     * @throws ModelNotFoundException if there is no such pipeline, or no default
     * @throws PipelineUnavailableException if the pipeline exists but can't be served
     */
    public PipelineConsumer select(@Nullable String name) {
        String requested = name == null ? defaultPipeline : name;
        PipelineConsumer pipeline = requested == null ? null : pipelines.pipeline(requested);
        if (pipeline != null) {
            return pipeline;
        }
        String broken = requested == null ? null : loaded.broken().get(requested);
        if (broken != null) {
            throw new PipelineUnavailableException(config.withoutFolders(broken));
        }
        if (pipelines.pipelines().isEmpty()) {
            // There may have been pipelines at start.
            throw new PipelineUnavailableException(
                    notReadyReason == null
                            ? NOTHING_SERVED
                            : config.withoutFolders(notReadyReason));
        }
        if (requested == null) {
            throw new ModelNotFoundException(
                    "several pipelines are served here: post to /models/<name>/invoke or set"
                            + " BACTRIAN_PIPELINE, to one of "
                            + String.join(", ", loaded.candidates()));
        }
        // The name may have come in a header, and no header is echoed.
        throw new ModelNotFoundException(
                "no model or pipeline of that name is served here: there are " + pipelines.names());
    }
}
