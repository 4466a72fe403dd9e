package io.bactrian.preprocess.image;

/**
 * The layout of an image's pixels in a tensor.
 *
 * @param width the tensor's pixels per row, at least 1
 * @param height the tensor's rows, at least 1
 * @param order the order of the channels, if there are three
 * @param dimensions the order of the dimensions
 * @param left the column of the tensor where the image begins; negative if that is cut off
 * @param top the row of the tensor where the image begins; negative if that is cut off
 * @param rowWidth the image's pixels per row
 */
public record PixelLayout(
        int width,
        int height,
        ChannelOrder order,
        ImageLayout dimensions,
        int left,
        int top,
        int rowWidth) {

    /**
     * Creates the layout of an image as large as the tensor.
     *
     * @param width pixels per row, at least 1
     * @param height rows, at least 1
     * @param order the order of the channels, if there are three
     * @param dimensions the order of the dimensions
     */
    public PixelLayout(int width, int height, ChannelOrder order, ImageLayout dimensions) {
        this(width, height, order, dimensions, 0, 0, width);
    }

    boolean isBgr() {
        return order == ChannelOrder.BGR;
    }

    /** {@return whether each channel is a separate plane} */
    boolean isPlanar() {
        return dimensions == ImageLayout.NCHW;
    }

    /** {@return the first pixel of the image's rows that is in the tensor} */
    int firstPixel() {
        return Math.max(0, -left);
    }

    /** {@return the column of the tensor where that pixel is} */
    int firstColumn() {
        return Math.max(0, left);
    }

    /** {@return the pixels of the image's rows that are in the tensor} */
    int columns() {
        return Math.max(0, Math.min(rowWidth - firstPixel(), width - firstColumn()));
    }

    /** {@return whether a row of the image is in the tensor} */
    boolean hasRow(int y) {
        return y + top >= 0 && y + top < height;
    }

    /** {@return the index in a plane of the first pixel of the image's row in the tensor} */
    int position(int y) {
        return (y + top) * width + firstColumn();
    }
}
