package io.bactrian.postprocess.mask;

import java.util.Locale;

/** How a PNG image has the classes of its pixels. */
public enum MaskImage {
    /** As indices of a palette: the index of a pixel is its class. */
    PALETTE,
    /** As gray levels: the level of a pixel is its class number. */
    CLASSES,
    /** Black where the background is, and white elsewhere. */
    BINARY;

    /** {@return the name in lower case, such as {@code palette}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
