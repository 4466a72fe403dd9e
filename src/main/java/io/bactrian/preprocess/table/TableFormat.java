package io.bactrian.preprocess.table;

import java.util.Locale;

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

    /** {@return the name in lower case} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
