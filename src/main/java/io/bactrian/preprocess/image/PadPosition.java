package io.bactrian.preprocess.image;

import java.util.Locale;

/** Where an image is in a larger tensor. */
public enum PadPosition {
    /** In the middle. */
    CENTER,
    /** In the upper left corner. */
    TOP_LEFT;

    /** {@return the name in lower case} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
