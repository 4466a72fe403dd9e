package io.bactrian.postprocess.image;

/**
 * An image of 8-bit samples, which may be drawn on.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class RasterImage {

    /** The channels of a color image: red, green and blue. */
    public static final int RGB = 3;

    private final int width;
    private final int height;
    private final int channels;
    private final byte[] samples;

    /**
     * Creates a black image.
     *
     * @param width pixels per row
     * @param height rows
     * @param channels {@value #RGB}, or 1 for gray
     */
    public RasterImage(int width, int height, int channels) {
        this.width = width;
        this.height = height;
        this.channels = channels;
        this.samples = new byte[Math.multiplyExact(Math.multiplyExact(width, height), channels)];
    }

    /** {@return pixels per row} */
    public int width() {
        return width;
    }

    /** {@return rows} */
    public int height() {
        return height;
    }

    /** {@return {@value #RGB}, or 1 for gray} */
    public int channels() {
        return channels;
    }

    /** {@return the samples themselves, row by row, with interleaved channels} */
    public byte[] samples() {
        return samples;
    }
}
