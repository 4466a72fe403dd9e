package io.bactrian.container.http;

/** A phase of the container's life cycle. Requests are accepted only in {@link #READY}. */
enum ContainerState {
    /** The port is open and the models are being loaded. */
    LOADING,
    /** All models are loaded and warm. */
    READY,
    /** New requests are refused, those in flight are completed. */
    DRAINING
}
