package io.bactrian.preprocess.picture;

import java.nio.ByteBuffer;

/** A picture whose pixels lie in one buffer, rows one after the other. */
final class PixelPicture implements Picture {

    private final int width;
    private final int height;
    private final int channels;
    private final ByteBuffer pixels;
    private final Runnable release;

    /** A picture in Java memory. */
    PixelPicture(int width, int height, int channels, byte[] pixels) {
        this(width, height, channels, ByteBuffer.wrap(pixels), () -> {});
    }

    /**
     * @param release frees the memory behind {@code pixels}
     */
    PixelPicture(int width, int height, int channels, ByteBuffer pixels, Runnable release) {
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
