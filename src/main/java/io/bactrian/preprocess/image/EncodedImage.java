package io.bactrian.preprocess.image;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.tensor.BadInputException;

/**
 * An encoded image whose header has been read but whose pixels have not been decoded. Its size and
 * the memory that decoding takes are known.
 */
public abstract class EncodedImage {

    private final ImageFormat format;

    /** The whole file. */
    final byte[] bytes;

    int width;
    int height;

    /** The value of the EXIF orientation tag. */
    int orientation = Orientation.UPRIGHT;

    EncodedImage(ImageFormat format, byte[] bytes) {
        this.format = format;
        this.bytes = bytes;
    }

    final ImageFormat format() {
        return format;
    }

    /** {@return pixels per row, as declared by the header} */
    public final int width() {
        return width;
    }

    /** {@return rows, as declared by the header} */
    public final int height() {
        return height;
    }

    /** {@return the value of the EXIF orientation tag, which {@link #decode} does not apply} */
    final int orientation() {
        return orientation;
    }

    /**
     * Sets the size that the header declares.
     *
     * @throws BadInputException if a side is not a positive {@code int}
     */
    final void setSize(long width, long height) {
        if (width < 1 || height < 1 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
            throw format.corrupt("its header declares " + width + "x" + height + " pixels");
        }
        this.width = (int) width;
        this.height = (int) height;
    }

    /**
     * Finds the end of the image in one pass over the bytes, without decoding pixels.
     *
     * @return the offset of the first byte after the image, or -1 if it can't be determined
     * @throws BadInputException if the file is truncated, or decoding it would take an excessive
     *     amount of work
     */
    abstract int endOfImage();

    /** {@return whether the file declares that more images follow its end, which are skipped} */
    boolean announcesMoreImages() {
        return false;
    }

    /**
     * {@return the peak number of bytes that {@link ImageDecoder#decode(EncodedImage, boolean,
     * Deadline)} allocates, on the heap and natively, including the result}
     *
     * @param upright whether the EXIF orientation is to be applied
     */
    public final long decodingBytes(boolean upright) {
        boolean rotated = upright && orientation != Orientation.UPRIGHT;
        return decodingBytes() + (rotated ? 3L * width * height : 0);
    }

    /** {@return the format and size, such as "the JPEG image of 640x480 pixels"} */
    @Override
    public final String toString() {
        return "the " + format + " image of " + width + "x" + height + " pixels";
    }

    /**
     * {@return the peak number of bytes that {@link #decode} allocates, on the heap and natively,
     * including the result}
     */
    abstract long decodingBytes();

    /**
     * Decodes the pixels, to gray if the file is gray, else to RGB. Alpha is dropped.
     *
     * @param deadline checked between steps; a call of a native library is one step
     * @return an image of {@link #width} by {@link #height} that the caller must close
     * @throws BadInputException if the data is truncated or corrupt, or coded in a way that is not
     *     supported
     * @throws DeadlineExceededException if the deadline passed
     */
    abstract DecodedImage decode(Deadline deadline);

    /**
     * Checks that there is time left to go on decoding.
     *
     * @throws DeadlineExceededException if the deadline has passed
     */
    final void check(Deadline deadline) {
        if (deadline.isPassed()) {
            throw new DeadlineExceededException(
                    "deadline exceeded while decoding the " + format + " image");
        }
    }
}
