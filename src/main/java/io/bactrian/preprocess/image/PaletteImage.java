package io.bactrian.preprocess.image;

/** An image of palette indices, which are converted to RGB as the rows are read. */
final class PaletteImage implements DecodedImage {

    private final int width;
    private final int height;
    private final byte[] indices;
    private final byte[] palette;

    /**
     * Creates an image.
     *
     * @param indices one index per pixel
     * @param palette red, green and blue of all 256 indices
     */
    PaletteImage(int width, int height, byte[] indices, byte[] palette) {
        this.width = width;
        this.height = height;
        this.indices = indices;
        this.palette = palette;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int height() {
        return height;
    }

    @Override
    public int channels() {
        return 3;
    }

    @Override
    public void row(int y, byte[] into) {
        int from = y * width;
        for (int x = 0, to = 0; x < width; x++, to += 3) {
            int entry = 3 * (indices[from + x] & 0xFF);
            into[to] = palette[entry];
            into[to + 1] = palette[entry + 1];
            into[to + 2] = palette[entry + 2];
        }
    }
}
