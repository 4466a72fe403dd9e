package io.bactrian.preprocess.image;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.tensor.BadInputException;

/**
 * An encoded image whose header has been read, but not one pixel: its size and what decoding it
 * will take are known.
 */
public abstract class EncodedImage {

    private final ImageFormat format;
    protected final byte[] bytes;
    protected int width;
    protected int height;
    protected int orientation = Orientation.UPRIGHT;

    EncodedImage(ImageFormat format, byte[] bytes) {
        this.format = format;
        this.bytes = bytes;
    }

    final ImageFormat format() {
        return format;
    }

    /** {@return pixels a row, by the header} */
    public final int width() {
        return width;
    }

    /** {@return rows, by the header} */
    public final int height() {
        return height;
    }

    /** {@return the number of the EXIF tag, which {@link #decode} does not apply} */
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
     * Looks for the end of the image, in one pass over the bytes, before a pixel is decoded.
     *
     * @return where the first byte after it is, or -1 if that can't be known
     * @throws BadInputException if the pass finds that the file is truncated or would take more
     *     work than its pixels are worth
     */
    abstract int endOfImage();

    /** {@return whether the file says that other images follow after its end, which are skipped} */
    boolean announcesMoreImages() {
        return false;
    }

    /**
     * {@return the most memory that {@link ImageDecoder#decode(EncodedImage, boolean, Deadline)}
     * has allocated at once, in Java and natively, the result included}
     *
     * @param upright whether it is to apply the EXIF orientation
     */
    public final long decodingBytes(boolean upright) {
        boolean turned = upright && orientation != Orientation.UPRIGHT;
        return decodingBytes() + (turned ? 3L * width * height : 0);
    }

    /** {@return the format and the size, such as "the JPEG image of 640x480 pixels"} */
    @Override
    public final String toString() {
        return "the " + format + " image of " + width + "x" + height + " pixels";
    }

    /**
     * {@return the most memory that {@link #decode} has allocated at once, in Java and natively,
     * the result included}
     */
    abstract long decodingBytes();

    /**
     * Decodes the pixels, to gray if the file is gray and else to RGB, alpha dropped.
     *
     * @param deadline checked between parts of the work; a library's native code is one part
     * @return an image of {@link #width} by {@link #height} that the caller must close
     * @throws BadInputException if the data is truncated or corrupt, or coded in a way that is not
     *     supported
     * @throws DeadlineExceededException if the deadline passed
     */
    abstract DecodedImage decode(Deadline deadline);

    /**
     * @throws DeadlineExceededException if the deadline has passed
     */
    final void check(Deadline deadline) {
        if (deadline.isPassed()) {
            throw new DeadlineExceededException(
                    "deadline exceeded while decoding the " + format + " image");
        }
    }
}
