package io.bactrian.preprocess.image;

/**
 * How an image is to be turned to stand upright, by the number of the EXIF tag 0x0112: 1 as it is,
 * 2 mirrored, 3 upside down, 4 flipped, 5 transposed, 6 a quarter turn clockwise, 7 transversed, 8
 * a quarter turn anticlockwise (as Pillow's {@code ImageOps.exif_transpose}).
 */
public final class Orientation {

    /** Upright already. */
    public static final int UPRIGHT = 1;

    private Orientation() {}

    /**
     * {@return {@code image} itself if it is upright, else a turned copy, {@code image} closed}
     *
     * @param orientation the tag's number; any but 2 to 8 means upright
     */
    public static DecodedImage upright(DecodedImage image, int orientation) {
        if (orientation < 2 || orientation > 8) {
            return image;
        }
        try (image) {
            return turn(image, orientation);
        }
    }

    private static DecodedImage turn(DecodedImage image, int orientation) {
        int width = image.width();
        int height = image.height();
        int channels = image.channels();
        boolean swapped = orientation >= 5;
        int turnedWidth = swapped ? height : width;
        int turnedHeight = swapped ? width : height;
        byte[] turned = new byte[width * height * channels];
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
                int to = (toY * turnedWidth + toX) * channels;
                for (int c = 0; c < channels; c++) {
                    turned[to + c] = row[x * channels + c];
                }
            }
        }
        return new InterleavedImage(turnedWidth, turnedHeight, channels, turned);
    }
}
