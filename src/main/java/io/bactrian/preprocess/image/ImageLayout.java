package io.bactrian.preprocess.image;

/** The order of an image tensor's dimensions. */
public enum ImageLayout {
    /** [1, height, width, channels] */
    NHWC,
    /** [1, channels, height, width] */
    NCHW
}
