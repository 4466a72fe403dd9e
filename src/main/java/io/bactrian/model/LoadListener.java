package io.bactrian.model;

/** A listener for the progress of loading, called by several threads at once. */
public interface LoadListener {

    /** Ignores all events. */
    LoadListener NONE = new LoadListener() {};

    /**
     * Called before a model is loaded.
     *
     * @param name the model's name
     * @param version the version to be loaded
     */
    default void loading(String name, long version) {}

    /**
     * Called when a model is loaded and warm.
     *
     * @param result the model
     */
    default void loaded(LoadResult.Loaded result) {}

    /**
     * Called when a model could not be loaded.
     *
     * @param result the reason
     */
    default void failed(LoadResult.Failed result) {}
}
