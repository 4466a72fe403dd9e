package io.bactrian.postprocess;

import java.util.Locale;

/** The order of the classes in an answer. */
public enum LabelOrder {
    /** By class number. */
    CLASS,
    /** From the highest score on; of equal scores the lower class first. */
    SCORE;

    /** {@return the name in lower case, such as {@code score}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
