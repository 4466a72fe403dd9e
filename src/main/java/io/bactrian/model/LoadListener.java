package io.bactrian.model;

import java.time.Duration;

/** Is called as models are loaded, by the threads that load them, several at once. */
public interface LoadListener {

    /** Does nothing. */
    LoadListener NONE = new LoadListener() {};

    /** A model is about to be loaded. */
    default void begins(String name, long version) {}

    /** A model is loaded and warm. */
    default void ends(String name, long version, Duration took) {}

    /**
     * A model can't be served.
     *
     * @param reason why
     */
    default void fails(String name, long version, Duration took, String reason) {}
}
