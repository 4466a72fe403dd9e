package io.bactrian.preprocess.image;

/**
 * A grayscale view of a color image. The gray value is the ITU-R 601-2 luma in 16-bit fixed point,
 * as in Pillow's {@code convert("L")}: (19595 red + 38470 green + 7471 blue + 32768) / 65536
 * (src/libImaging/Convert.c). Closing the view closes the color image.
 */
public final class GrayscaleImage implements DecodedImage {

    private final DecodedImage color;
    private final byte[] row;

    private GrayscaleImage(DecodedImage color) {
        this.color = color;
        this.row = new byte[color.width() * 3];
    }

    /**
     * {@return {@code image} itself if it is gray, else a grayscale view of it}
     *
     * @param image closed with the result
     */
    public static DecodedImage of(DecodedImage image) {
        return image.channels() == 1 ? image : new GrayscaleImage(image);
    }

    @Override
    public int width() {
        return color.width();
    }

    @Override
    public int height() {
        return color.height();
    }

    @Override
    public int channels() {
        return 1;
    }

    @Override
    public void row(int y, byte[] into) {
        color.row(y, row);
        for (int x = 0, from = 0; x < color.width(); x++, from += 3) {
            int luma =
                    19595 * (row[from] & 0xFF)
                            + 38470 * (row[from + 1] & 0xFF)
                            + 7471 * (row[from + 2] & 0xFF)
                            + 0x8000;
            into[x] = (byte) (luma >> 16);
        }
    }

    @Override
    public void close() {
        color.close();
    }
}
