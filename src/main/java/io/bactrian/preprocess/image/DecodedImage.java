package io.bactrian.preprocess.image;

/**
 * Decoded pixels of 8 bits a sample, read row by row. An image may hold native memory: close it.
 *
 * <p>Not safe for use by several threads at once.
 */
public interface DecodedImage extends AutoCloseable {

    /** {@return pixels a row, at least 1} */
    int width();

    /** {@return rows, at least 1} */
    int height();

    /** {@return 3 for red, green, blue; 1 for gray, which is the same as three equal channels} */
    int channels();

    /**
     * Copies a row, its channels interleaved.
     *
     * @param y from 0, the top
     * @param into at least {@code width() * channels()} bytes, filled from 0
     */
    void row(int y, byte[] into);

    /** Frees the pixels. */
    @Override
    default void close() {}
}
