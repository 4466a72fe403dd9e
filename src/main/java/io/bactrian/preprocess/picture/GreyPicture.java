package io.bactrian.preprocess.picture;

/**
 * A colour picture seen in grey, by ITU-R 601-2 luma in 16-bit fixed point as Pillow's {@code
 * convert("L")}: (19595 red + 38470 green + 7471 blue + 32768) / 65536 (Pillow
 * src/libImaging/Convert.c). It owns the picture it shows.
 */
public final class GreyPicture implements Picture {

    private final Picture colour;
    private final byte[] row;

    private GreyPicture(Picture colour) {
        this.colour = colour;
        this.row = new byte[colour.width() * 3];
    }

    /**
     * @return {@code picture} itself if it is grey already, else a view that owns it
     */
    public static Picture of(Picture picture) {
        return picture.channels() == 1 ? picture : new GreyPicture(picture);
    }

    @Override
    public int width() {
        return colour.width();
    }

    @Override
    public int height() {
        return colour.height();
    }

    @Override
    public int channels() {
        return 1;
    }

    @Override
    public void row(int y, byte[] into) {
        colour.row(y, row);
        for (int x = 0, from = 0; x < colour.width(); x++, from += 3) {
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
        colour.close();
    }
}
