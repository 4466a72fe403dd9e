package io.bactrian.postprocess.mask;

/**
 * The class of each pixel of an image, at most 256 of them.
 *
 * @param width pixels in a row
 * @param height rows
 * @param pixels the classes as unsigned bytes, row by row, which nobody changes
 */
public record ClassMap(int width, int height, byte[] pixels) {

    /** The most classes. */
    public static final int MAX_CLASSES = 256;

    /** {@return the class of a pixel} */
    int at(int x, int y) {
        return pixels[y * width + x] & 0xff;
    }

    /** {@return the highest class that a pixel has} */
    public int highest() {
        int highest = 0;
        for (byte pixel : pixels) {
            highest = Math.max(highest, pixel & 0xff);
        }
        return highest;
    }

    /** {@return the number of pixels whose right or lower neighbor has another class} */
    public long edges() {
        long edges = width;
        for (int i = 0; i < pixels.length; i++) {
            boolean right = (i + 1) % width != 0 && pixels[i] != pixels[i + 1];
            boolean below = i + width < pixels.length && pixels[i] != pixels[i + width];
            edges += right || below ? 1 : 0;
        }
        return edges;
    }

    /** {@return the classes as lists of rows} */
    public int[][] rows() {
        int[][] rows = new int[height][width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                rows[y][x] = at(x, y);
            }
        }
        return rows;
    }

    /**
     * {@return a map of 0 where the background is, and 255 elsewhere}
     *
     * @param background the class of the background
     */
    public ClassMap binary(int background) {
        byte[] levels = new byte[pixels.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (byte) ((pixels[i] & 0xff) == background ? 0 : 0xff);
        }
        return new ClassMap(width, height, levels);
    }
}
