package io.bactrian.model;

/** A listener for the progress of loading, called by several threads at once. */
public interface LoadListener {

    /** Ignores all events. */
    LoadListener NONE = new LoadListener() {};

    /** Called before a model is loaded. */
    default void loading(String name, long version) {}

    /** Called when a model is loaded and warm. */
    default void loaded(LoadResult.Loaded result) {}

    /** Called when a model could not be loaded. */
    default void failed(LoadResult.Failed result) {}
}
