package io.bactrian.preprocess.image;

import java.nio.ByteBuffer;

/**
 * A writer of rows of samples that are not whole numbers to a tensor's native memory, each
 * normalized.
 */
final class FractionPixelWriter implements FloatResizer.Rows {

    private final ByteBuffer memory;
    private final Normalization normalization;
    private final PixelLayout layout;
    private final int imageChannels;
    private final int elementBytes;

    /**
     * Creates a writer.
     *
     * @param memory the native memory of one image
     * @param normalization of one channel, or of red, green and blue
     * @param layout the layout of the pixels in the tensor
     * @param imageChannels samples per pixel in the rows: 3, or 1 for gray, which is written to
     *     every channel
     */
    FractionPixelWriter(
            ByteBuffer memory, Normalization normalization, PixelLayout layout, int imageChannels) {
        this.memory = memory;
        this.normalization = normalization;
        this.layout = layout;
        this.imageChannels = imageChannels;
        this.elementBytes = normalization.dtype().byteSize();
    }

    @Override
    public void row(int y, float[] samples) {
        if (!layout.hasRow(y)) {
            return;
        }
        int channels = normalization.channels();
        int planePixels = layout.width() * layout.height();
        for (int to = 0; to < channels; to++) {
            int channel = layout.isBgr() ? channels - 1 - to : to;
            int from = layout.firstPixel() * imageChannels + (imageChannels == 1 ? 0 : channel);
            int step = layout.isPlanar() ? 1 : channels;
            int index =
                    layout.isPlanar()
                            ? to * planePixels + layout.position(y)
                            : layout.position(y) * channels + to;
            for (int x = 0; x < layout.columns(); x++) {
                double value = normalization.value(channel, samples[from + x * imageChannels]);
                put(index + x * step, normalization.bits(value));
            }
        }
    }

    private void put(int index, long bits) {
        int at = index * elementBytes;
        switch (elementBytes) {
            case 1 -> memory.put(at, (byte) bits);
            case 2 -> memory.putShort(at, (short) bits);
            case 4 -> memory.putInt(at, (int) bits);
            default -> memory.putLong(at, bits);
        }
    }
}
