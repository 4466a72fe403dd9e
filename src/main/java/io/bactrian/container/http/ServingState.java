package io.bactrian.container.http;

import io.bactrian.route.PipelineSelector;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The container's current state and pipelines, for the HTTP handlers. */
public final class ServingState {

    private volatile ContainerState state = ContainerState.LOADING;
    private volatile @Nullable PipelineSelector selector;

    /**
     * Accepts requests from now on.
     *
     * @param pipelines selects the pipeline of a request
     */
    public void ready(PipelineSelector pipelines) {
        selector = pipelines;
        state = ContainerState.READY;
    }

    /** Refuses new requests from now on. */
    public void drain() {
        state = ContainerState.DRAINING;
    }

    /** {@return whether all that is served is loaded, and the default pipeline is not broken} */
    boolean isReady() {
        return state == ContainerState.READY && selector().notReadyReason() == null;
    }

    ContainerState state() {
        return state;
    }

    /**
     * {@return the selector of pipelines}
     *
     * @throws NullPointerException while models are loading
     */
    PipelineSelector selector() {
        return Objects.requireNonNull(selector, "models are loading");
    }
}
