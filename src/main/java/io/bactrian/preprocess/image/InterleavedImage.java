package io.bactrian.preprocess.image;

import java.nio.ByteBuffer;

/** An image whose pixels lie in one buffer, rows one after the other. */
final class InterleavedImage implements DecodedImage {

    private final int width;
    private final int height;
    private final int channels;
    private final ByteBuffer pixels;
    private final Runnable release;

    /** An image in Java memory. */
    InterleavedImage(int width, int height, int channels, byte[] pixels) {
        this(width, height, channels, ByteBuffer.wrap(pixels), () -> {});
    }

    /**
     * @param release frees the memory behind {@code pixels}
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
