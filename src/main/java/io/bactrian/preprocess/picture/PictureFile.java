package io.bactrian.preprocess.picture;

import io.bactrian.tensor.BadInputException;

/** An encoded picture whose header has been read, but not one pixel. */
abstract class PictureFile {

    private final PictureFormat format;
    protected final byte[] bytes;
    protected int width;
    protected int height;
    protected int orientation = Orientation.UPRIGHT;

    PictureFile(PictureFormat format, byte[] bytes) {
        this.format = format;
        this.bytes = bytes;
    }

    final PictureFormat format() {
        return format;
    }

    /**
     * @return pixels a row, by the header
     */
    final int width() {
        return width;
    }

    /**
     * @return rows, by the header
     */
    final int height() {
        return height;
    }

    /**
     * @return the number of the EXIF tag, which {@link #decode} does not apply
     */
    final int orientation() {
        return orientation;
    }

    /** Keeps a size from the header. */
    protected final void size(long width, long height) {
        if (width < 1 || height < 1 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
            throw format.corrupt("its header says " + width + "x" + height + " pixels");
        }
        this.width = (int) width;
        this.height = (int) height;
    }

    /**
     * Decodes the pixels, to grey if the file is grey and else to RGB, alpha dropped.
     *
     * @return a picture of {@link #width} by {@link #height} that the caller must close
     * @throws BadInputException if the data is truncated or corrupt, or coded in a way that is not
     *     supported
     */
    abstract Picture decode();
}
