package io.bactrian.preprocess.image;

import java.util.Locale;

/** How an image of other proportions becomes one of the tensor's width and height. */
public enum ImageFit {
    /** The image is resized to width and height, whatever its proportions. */
    STRETCH,
    /** The image is resized to fit inside with its proportions, and the rest is one color. */
    PAD,
    /** The image's middle part of the tensor's proportions is resized. */
    CROP,
    /** The image is resized to fit inside with its proportions; the tensor has its size then. */
    INSIDE,
    /** The image is not resized; the tensor has its size. */
    NONE;

    /** {@return whether every tensor has the same width and height} */
    public boolean isFixedSize() {
        return this != INSIDE && this != NONE;
    }

    /** {@return the name in lower case} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
