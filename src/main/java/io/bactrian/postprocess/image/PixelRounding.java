package io.bactrian.postprocess.image;

import java.util.Locale;

/** How a pixel's number becomes a whole one. */
public enum PixelRounding {
    /** To the nearest. */
    NEAREST,
    /** The decimals are dropped, as by NumPy's {@code astype("uint8")}. */
    DOWN;

    /** {@return the name in lower case, such as {@code nearest}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
