package io.bactrian.tfserving;

import java.util.Locale;

/** A method of TensorFlow Serving's REST API for predictions. */
public enum ModelMethod {
    /** Runs a signature on tensors. */
    PREDICT,
    /** Runs a signature on Examples, and answers labels and scores. */
    CLASSIFY,
    /** Runs a signature on Examples, and answers a number for each. */
    REGRESS;

    /** {@return the method of a name in any case of letters} */
    static ModelMethod named(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    /** {@return the name in the path, such as {@code predict}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
