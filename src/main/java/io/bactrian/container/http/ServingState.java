package io.bactrian.container.http;

import io.bactrian.route.PipelineSelector;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where the container is in its life, as far as its HTTP handlers need to know. */
public final class ServingState {

    private volatile ContainerState state = ContainerState.LOADING;
    private volatile @Nullable PipelineSelector selector;

    /** Begins to answer requests with the pipelines of {@code pipelines}. */
    public void ready(PipelineSelector pipelines) {
        selector = pipelines;
        state = ContainerState.READY;
    }

    /** Refuses requests from now on; those under way go on. */
    public void drain() {
        state = ContainerState.DRAINING;
    }

    ContainerState state() {
        return state;
    }

    /**
     * {@return the pipelines that are served}
     *
     * @throws NullPointerException while models are loading
     */
    PipelineSelector selector() {
        return Objects.requireNonNull(selector, "models are loading");
    }
}
