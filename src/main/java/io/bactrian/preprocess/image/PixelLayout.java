package io.bactrian.preprocess.image;

/**
 * The layout of an image's pixels in a tensor.
 *
 * @param width pixels per row, at least 1
 * @param height rows, at least 1
 * @param order the order of the channels, if there are three
 * @param dimensions the order of the dimensions
 */
public record PixelLayout(int width, int height, ChannelOrder order, ImageLayout dimensions) {

    boolean isBgr() {
        return order == ChannelOrder.BGR;
    }

    /** {@return whether each channel is a separate plane} */
    boolean isPlanar() {
        return dimensions == ImageLayout.NCHW;
    }
}
