package io.bactrian.preprocess.image;

/** The order of the color channels of a pixel. */
public enum ChannelOrder {
    /** Red, green, blue. */
    RGB,
    /** Blue, green, red. */
    BGR
}
