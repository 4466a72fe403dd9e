package io.bactrian.preprocess.image;

import io.bactrian.limit.Deadline;
import io.bactrian.tensor.BadInputException;

/**
 * Makes pixels of an encoded image as Pillow's {@code Image.open(file).convert("RGB")} does: the
 * first frame, without alpha, color profile or gamma. A TIFF's orientation is always applied, as
 * Pillow does.
 */
public final class ImageDecoder {

    /** More pixels a side than any image of use has, and more than JPEG and WebP can. */
    public static final int MAX_SIDE = 65_535;

    /** The most that {@link #decode} can hold: 3 bytes a pixel in an array. */
    public static final int MAX_PIXELS = Integer.MAX_VALUE / 3;

    private ImageDecoder() {}

    /**
     * Loads the native libraries that may be missing, so that what images can't be decoded is
     * logged at start. TensorFlow's is not one of them.
     */
    public static void loadLibraries() {
        WebpLibrary.isLoaded();
    }

    /**
     * Reads the header and checks that decoding the rest is bounded, without decoding a pixel.
     *
     * @param bytes a whole JPEG, PNG, GIF, BMP, TIFF or WebP file
     * @param maxPixels how many pixels the header may announce at most, up to {@link #MAX_PIXELS}
     * @return the file, to be decoded
     * @throws BadInputException if the bytes are no such image, truncated, corrupt, more than one
     *     image, or of too many pixels
     */
    public static EncodedImage open(byte[] bytes, long maxPixels) {
        EncodedImage file = ImageFormat.sniff(bytes).open(bytes);
        checkSize(file, maxPixels);
        TrailingBytes.check(file, bytes, file.endOfImage());
        return file;
    }

    /**
     * Decodes a file that was opened.
     *
     * @param upright whether to apply the EXIF orientation
     * @param deadline checked between parts of the work
     * @return an image that the caller must close
     * @throws BadInputException if the data is truncated or corrupt, or coded in a way that is not
     *     supported
     * @throws io.bactrian.limit.DeadlineExceededException if the deadline passed
     */
    public static DecodedImage decode(EncodedImage file, boolean upright, Deadline deadline) {
        file.check(deadline);
        DecodedImage image = file.decode(deadline);
        if (image.width() != file.width() || image.height() != file.height()) {
            image.close();
            throw file.format().corrupt("it is not of the size its header says");
        }
        return upright ? Orientation.upright(image, file.orientation()) : image;
    }

    /**
     * {@link #open Opens} and decodes a file in as much time as it takes.
     *
     * @param bytes a whole file
     * @param maxPixels how many pixels the header may announce at most
     * @param upright whether to apply the EXIF orientation
     * @return an image that the caller must close
     * @throws BadInputException if either refuses it
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
