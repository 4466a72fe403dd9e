package io.bactrian.preprocess.picture;

import io.bactrian.tensor.BadInputException;

/**
 * Makes pixels of an encoded picture as Pillow's {@code Image.open(file).convert("RGB")} does: the
 * first frame, without alpha, colour profile or gamma. A TIFF's orientation is always applied, as
 * Pillow does.
 */
public final class PictureDecoder {

    /** More pixels a side than any picture of use has, and more than JPEG and WebP can. */
    public static final int MAX_SIDE = 65_535;

    /** The most that {@link #decode} can hold: 3 bytes a pixel in an array. */
    public static final int MOST_PIXELS = Integer.MAX_VALUE / 3;

    private PictureDecoder() {}

    /**
     * Reads the header, checks the size, then decodes.
     *
     * @param bytes a whole JPEG, PNG, GIF, BMP, TIFF or WebP file
     * @param maxPixels how many pixels the header may announce at most, up to {@link #MOST_PIXELS}
     * @param upright whether to apply the EXIF orientation
     * @return a picture that the caller must close
     * @throws BadInputException if the bytes are no such picture, truncated, corrupt, coded in a
     *     way that is not supported, or of too many pixels
     */
    public static Picture decode(byte[] bytes, long maxPixels, boolean upright) {
        PictureFile file = PictureFormat.sniff(bytes).open(bytes);
        checkSize(file, maxPixels);
        Picture picture = file.decode();
        if (picture.width() != file.width() || picture.height() != file.height()) {
            picture.close();
            throw file.format().corrupt("it is not of the size its header says");
        }
        return upright ? Orientation.upright(picture, file.orientation()) : picture;
    }

    private static void checkSize(PictureFile file, long maxPixels) {
        long pixels = (long) file.width() * file.height();
        String size = "the " + file.format() + " picture is " + file.width() + "x" + file.height();
        if (pixels > maxPixels) {
            throw new BadInputException(
                    size + ", " + pixels + " pixels: more than the limit of " + maxPixels);
        }
        if (file.width() > MAX_SIDE || file.height() > MAX_SIDE) {
            throw new BadInputException(size + " pixels: a side may have " + MAX_SIDE + " at most");
        }
    }
}
