package io.bactrian.preprocess.table;

import io.bactrian.pipeline.MediaType;
import java.util.Locale;
import java.util.Set;

/** The format of a body that holds a table. */
public enum TableFormat {
    /** JSON: objects, or lists of values. */
    JSON,
    /** Comma-separated values (RFC 4180), in records of equal length. */
    CSV,
    /**
     * A row in JSON on each line, an object or a list of values; what follows a semicolon after it
     * is not read.
     */
    LINES,
    /**
     * A serialized {@code tf.train.Example}, or TFRecords of them: a row each, whose fields are the
     * features.
     */
    EXAMPLES;

    /** What clients call serialized Examples; no name is registered. */
    private static final Set<String> EXAMPLE_TYPES =
            Set.of("application/x-tfrecord", "application/x-tfexample");

    /**
     * {@return whether a body of the type is a serialized Example, or TFRecords of them}
     *
     * @param type the body's media type
     */
    public static boolean isExamples(MediaType type) {
        return EXAMPLE_TYPES.contains(type.name());
    }

    /** {@return the name in lower case} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
