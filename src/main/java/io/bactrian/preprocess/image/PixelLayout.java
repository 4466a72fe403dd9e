package io.bactrian.preprocess.image;

/**
 * How the pixels of an image lie in a tensor.
 *
 * @param width pixels per row, at least 1
 * @param height rows, at least 1
 * @param order the order of the channels of a tensor with three
 * @param dimensions the order of the dimensions
 */
public record PixelLayout(int width, int height, ChannelOrder order, ImageLayout dimensions) {

    boolean isBgr() {
        return order == ChannelOrder.BGR;
    }

    /** {@return whether each channel is a plane of its own} */
    boolean isPlanar() {
        return dimensions == ImageLayout.NCHW;
    }
}
