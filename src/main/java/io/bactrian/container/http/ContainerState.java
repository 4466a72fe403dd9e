package io.bactrian.container.http;

/** Where the container is in its life; only {@link #READY} answers requests. */
enum ContainerState {
    /** The port is open, models are loading. */
    LOADING,
    /** Every model is loaded and warm. */
    READY,
    /** Requests under way are finished, new ones refused. */
    DRAINING
}
