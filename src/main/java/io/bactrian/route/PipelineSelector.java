package io.bactrian.route;

import io.bactrian.model.ModelNotFoundException;
import io.bactrian.pipeline.PipelineConsumer;
import io.bactrian.pipeline.PipelineRegistry;
import io.bactrian.pipeline.PipelineUnavailableException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which pipeline a request goes to: the one that is named, else {@code BACTRIAN_PIPELINE}, else the
 * only one the user wrote, else the only model's {@code predict}. One that is broken counts as one:
 * a request never goes to another in its place.
 */
public final class PipelineSelector {

    private static final String NOTHING_SERVED = "nothing can be served";

    private final PipelineRegistry pipelines;
    private final RouteConfig config;
    private final LoadedPipelines loaded;
    private final @Nullable String defaultPipeline;
    private final @Nullable String notReadyReason;

    /**
     * @param pipelines the pipelines that are served
     * @param config for {@code BACTRIAN_PIPELINE}, and for the folders that no answer names
     * @param loaded what came of loading them
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
     * {@return why this server should get no requests although it runs: nothing can be served, or
     * what {@code /invocations} needs is broken; null if all is well}
     */
    public @Nullable String notReadyReason() {
        return notReadyReason;
    }

    /** {@return the pipeline of requests that name none, or null if each request must name one} */
    public @Nullable String defaultPipeline() {
        return defaultPipeline;
    }

    /**
     * {@return the pipeline of a request}
     *
     * @param name a pipeline's name, or null for the default
     * @throws ModelNotFoundException if there is no such pipeline, or no default
     * @throws PipelineUnavailableException if it is there and can't be served, saying why
     */
    public PipelineConsumer select(@Nullable String name) {
        String wanted = name == null ? defaultPipeline : name;
        PipelineConsumer pipeline = wanted == null ? null : pipelines.pipeline(wanted);
        if (pipeline != null) {
            return pipeline;
        }
        String broken = wanted == null ? null : loaded.broken().get(wanted);
        if (broken != null) {
            throw new PipelineUnavailableException(config.withoutFolders(broken));
        }
        if (pipelines.pipelines().isEmpty()) {
            // There may have been some at start.
            throw new PipelineUnavailableException(
                    notReadyReason == null
                            ? NOTHING_SERVED
                            : config.withoutFolders(notReadyReason));
        }
        if (wanted == null) {
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
