package io.bactrian.preprocess.image;

/**
 * A decoded image of 8-bit samples, read row by row. It may hold native memory and must be closed.
 *
 * <p>Not safe for use by several threads at once.
 */
public interface DecodedImage extends AutoCloseable {

    /** {@return pixels per row, at least 1} */
    int width();

    /** {@return rows, at least 1} */
    int height();

    /** {@return 3 for RGB, 1 for gray, which is equivalent to three equal channels} */
    int channels();

    /**
     * Copies a row, its channels interleaved.
     *
     * @param y the row's index, 0 for the top row
     * @param into the destination, of at least {@code width() * channels()} bytes
     */
    void row(int y, byte[] into);

    /** Frees the pixels. */
    @Override
    default void close() {}
}
