package io.bactrian.preprocess.image;

import io.bactrian.limit.Deadline;
import io.bactrian.tensor.BadInputException;

/**
 * The decoder of encoded images, equivalent to Pillow's {@code Image.open(file).convert("RGB")}: it
 * decodes the first frame and ignores alpha, color profile and gamma. As in Pillow, the orientation
 * of a TIFF is always applied.
 */
public final class ImageDecoder {

    /** The maximum width and height; the limit of JPEG, and more than that of WebP. */
    public static final int MAX_SIDE = 65_535;

    /** The maximum pixels of an image: 3 bytes per pixel must fit in a Java array. */
    public static final int MAX_PIXELS = Integer.MAX_VALUE / 3;

    private ImageDecoder() {}

    /**
     * Loads the optional native library of WebP, so that a failure is logged at start instead of at
     * the first image.
     */
    public static void loadLibraries() {
        WebpLibrary.isLoaded();
    }

    /**
     * Reads the header and checks that decoding takes bounded work, without decoding pixels.
     *
     * @param bytes a whole JPEG, PNG, GIF, BMP, TIFF or WebP file
     * @param maxPixels the maximum pixels that the header may declare, up to {@link #MAX_PIXELS}
     * @return the image, ready to be decoded
     * @throws BadInputException if the bytes are not exactly one such image, or it is truncated,
     *     corrupt, or has too many pixels
     */
    public static EncodedImage open(byte[] bytes, long maxPixels) {
        EncodedImage file = ImageFormat.sniff(bytes).open(bytes);
        checkSize(file, maxPixels);
        TrailingBytes.check(file, bytes, file.endOfImage());
        return file;
    }

    /**
     * Decodes an image.
     *
     * @param file the image, as returned by {@link #open}
     * @param upright whether to apply the EXIF orientation
     * @param deadline checked between steps of the work
     * @return the decoded image, which the caller must close
     * @throws BadInputException if the data is truncated or corrupt, or coded in a way that is not
     *     supported
     * @throws io.bactrian.limit.DeadlineExceededException if the deadline passed
     */
    public static DecodedImage decode(EncodedImage file, boolean upright, Deadline deadline) {
        file.check(deadline);
        DecodedImage image = file.decode(deadline);
        if (image.width() != file.width() || image.height() != file.height()) {
            image.close();
            throw file.format().corrupt("its size differs from its header");
        }
        return upright ? Orientation.upright(image, file.orientation()) : image;
    }

    /**
     * {@link #open Opens} and decodes an image without a deadline.
     *
     * @param bytes a whole JPEG, PNG, GIF, BMP, TIFF or WebP file
     * @param maxPixels the maximum pixels that the header may declare
     * @param upright whether to apply the EXIF orientation
     * @return the decoded image, which the caller must close
     * @throws BadInputException if the image is refused by {@link #open} or can't be decoded
     */
    public static DecodedImage decode(byte[] bytes, long maxPixels, boolean upright) {
        return decode(open(bytes, maxPixels), upright, Deadline.none());
    }

    private static void checkSize(EncodedImage file, long maxPixels) {
        long pixels = (long) file.width() * file.height();
        String size = "the " + file.format() + " image is " + file.width() + "x" + file.height();
        if (pixels > maxPixels) {
            throw new BadInputException(
                    size + ", " + pixels + " pixels: more than the limit of " + maxPixels);
        }
        if (file.width() > MAX_SIDE || file.height() > MAX_SIDE) {
            throw new BadInputException(size + " pixels: a side may have " + MAX_SIDE + " at most");
        }
    }
}
