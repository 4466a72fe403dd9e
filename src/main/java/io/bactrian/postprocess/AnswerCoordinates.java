package io.bactrian.postprocess;

import java.util.Locale;

/** The units of an answer's boxes. */
public enum AnswerCoordinates {
    /** Those of the model. */
    MODEL,
    /** Pixels of the image that was sent. */
    ORIGINAL,
    /** From 0 to 1, of the image that was sent. */
    ORIGINAL_NORMALIZED;

    /** {@return the name in lower case, such as {@code original}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
