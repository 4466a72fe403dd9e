package io.bactrian.preprocess.image;

/**
 * The transformations that make an image upright, by the value of its EXIF orientation tag
 * (0x0112), as in Pillow's {@code ImageOps.exif_transpose}: 1 none, 2 flip left to right, 3 rotate
 * by 180°, 4 flip top to bottom, 5 transpose, 6 rotate by 90° clockwise, 7 transverse, 8 rotate by
 * 90° counterclockwise.
 */
public final class Orientation {

    /** The value of images that are upright already. */
    public static final int UPRIGHT = 1;

    /** The value of images that are upright when they are turned by 90° clockwise. */
    static final int CLOCKWISE = 6;

    private Orientation() {}

    /**
     * {@return {@code image} itself if it is upright, else a transformed copy}
     *
     * @param image closed if a copy is returned
     * @param orientation the tag's value; values other than 2 to 8 mean upright
     */
    public static DecodedImage upright(DecodedImage image, int orientation) {
        if (orientation < 2 || orientation > 8) {
            return image;
        }
        try (image) {
            return transform(image, orientation);
        }
    }

    private static DecodedImage transform(DecodedImage image, int orientation) {
        int width = image.width();
        int height = image.height();
        int channels = image.channels();
        boolean swapped = orientation >= 5;
        int transformedWidth = swapped ? height : width;
        int transformedHeight = swapped ? width : height;
        byte[] transformed = new byte[width * height * channels];
        byte[] row = new byte[width * channels];
        for (int y = 0; y < height; y++) {
            image.row(y, row);
            for (int x = 0; x < width; x++) {
                int toX =
                        switch (orientation) {
                            case 2, 3 -> width - 1 - x;
                            case 4 -> x;
                            case 5, 8 -> y;
                            default -> height - 1 - y;
                        };
                int toY =
                        switch (orientation) {
                            case 2 -> y;
                            case 3, 4 -> height - 1 - y;
                            case 5, 6 -> x;
                            default -> width - 1 - x;
                        };
                int to = (toY * transformedWidth + toX) * channels;
                for (int c = 0; c < channels; c++) {
                    transformed[to + c] = row[x * channels + c];
                }
            }
        }
        return new InterleavedImage(transformedWidth, transformedHeight, channels, transformed);
    }
}
