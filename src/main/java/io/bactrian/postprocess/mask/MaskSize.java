package io.bactrian.postprocess.mask;

import java.util.Locale;

/** The size of a mask in an answer. */
public enum MaskSize {
    /** That of the image that was sent. */
    ORIGINAL,
    /** That of the model's output. */
    MODEL;

    /** {@return the name in lower case, such as {@code original}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
