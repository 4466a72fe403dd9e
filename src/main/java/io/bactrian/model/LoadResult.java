package io.bactrian.model;

import java.time.Duration;

/** The outcome of loading a model. Immutable. */
public sealed interface LoadResult {

    /** {@return the model's name} */
    String name();

    /** {@return the version that was loaded; 0 if none was found} */
    long version();

    /** {@return how long loading took} */
    Duration duration();

    /**
     * A model that is loaded and warm.
     *
     * @param name the model's name
     * @param version the version that was loaded
     * @param duration how long loading took
     * @param model the model
     */
    record Loaded(String name, long version, Duration duration, ServedModel model)
            implements LoadResult {}

    /**
     * A model that can't be served.
     *
     * @param name the model's name
     * @param version the version that was loaded; 0 if none was found
     * @param duration how long loading took
     * @param reason why, for the operator
     * @param message the error message for requests
     * @param cause what was thrown
     */
    record Failed(
            String name,
            long version,
            Duration duration,
            String reason,
            String message,
            Throwable cause)
            implements LoadResult {}
}
