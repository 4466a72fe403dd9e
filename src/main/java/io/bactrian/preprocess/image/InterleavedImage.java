package io.bactrian.preprocess.image;

import java.nio.ByteBuffer;

/** An image whose pixels are in one buffer, row by row, with interleaved channels. */
final class InterleavedImage implements DecodedImage {

    private final int width;
    private final int height;
    private final int channels;
    private final ByteBuffer pixels;
    private final Runnable release;

    /** Creates an image whose pixels are in an array. */
    InterleavedImage(int width, int height, int channels, byte[] pixels) {
        this(width, height, channels, ByteBuffer.wrap(pixels), () -> {});
    }

    /**
     * Creates an image whose pixels are in a buffer.
     *
     * @param release frees the memory of {@code pixels}
     */
    InterleavedImage(int width, int height, int channels, ByteBuffer pixels, Runnable release) {
        this.width = width;
        this.height = height;
        this.channels = channels;
        this.pixels = pixels;
        this.release = release;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int height() {
        return height;
    }

    @Override
    public int channels() {
        return channels;
    }

    @Override
    public void row(int y, byte[] into) {
        int length = width * channels;
        pixels.get(y * length, into, 0, length);
    }

    @Override
    public void close() {
        release.run();
    }
}
