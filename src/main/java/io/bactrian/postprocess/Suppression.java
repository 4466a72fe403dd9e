package io.bactrian.postprocess;

import java.util.Locale;

/** Which boxes suppress each other. */
public enum Suppression {
    /** None: the model has done it. */
    NONE,
    /** Those of one class. */
    PER_CLASS,
    /** Those of all classes. */
    ALL_CLASSES;

    /** {@return the name in lower case, such as {@code per_class}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
