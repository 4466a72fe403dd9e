package io.bactrian.preprocess.image;

/**
 * The inverse of PNG's row filters. A filtered row holds the differences to values predicted from
 * the neighboring samples; its first byte is the filter's type. The row above the first counts as
 * all 0.
 */
@SuppressWarnings({
    "NarrowingCompoundAssignment",
    "lossy-conversions"
}) // Bytes are added modulo 256.
final class PngFilter {

    private static final int NONE = 0;
    private static final int SUB = 1;
    private static final int UP = 2;
    private static final int AVERAGE = 3;
    private static final int PAETH = 4;

    private PngFilter() {}

    /**
     * Reconstructs a row in place.
     *
     * @param row the filter type and the filtered bytes, which are replaced
     * @param above the reconstructed row before
     * @param step distance in bytes between corresponding samples of neighboring pixels
     */
    static void undo(byte[] row, byte[] above, int step) {
        switch (row[0]) {
            case NONE -> {}
            case SUB -> sub(row, step);
            case UP -> up(row, above);
            case AVERAGE -> average(row, above, step);
            case PAETH -> {
                switch (step) {
                    case 1 -> paethOne(row, above);
                    case 3 -> paethThree(row, above);
                    case 4 -> paethFour(row, above);
                    default -> paeth(row, above, step);
                }
            }
            default -> throw ImageFormat.PNG.corrupt("a row has filter " + (row[0] & 0xFF));
        }
    }

    private static void sub(byte[] row, int step) {
        for (int i = 1 + step; i < row.length; i++) {
            row[i] += row[i - step];
        }
    }

    private static void up(byte[] row, byte[] above) {
        for (int i = 1; i < row.length; i++) {
            row[i] += above[i];
        }
    }

    private static void average(byte[] row, byte[] above, int step) {
        for (int i = 1; i <= step; i++) {
            row[i] += (above[i] & 0xFF) >> 1;
        }
        for (int i = 1 + step; i < row.length; i++) {
            row[i] += ((row[i - step] & 0xFF) + (above[i] & 0xFF)) >> 1;
        }
    }

    private static void paeth(byte[] row, byte[] above, int step) {
        for (int i = 1; i <= step; i++) {
            row[i] += above[i];
        }
        for (int i = 1 + step; i < row.length; i++) {
            row[i] += paethPredictor(row[i - step] & 0xFF, above[i] & 0xFF, above[i - step] & 0xFF);
        }
    }

    // The same for common steps, with the left pixel in registers: this avoids the latency of
    // reading back what was just written.

    private static void paethOne(byte[] row, byte[] above) {
        int left = 0;
        int upperLeft = 0;
        for (int i = 1; i < row.length; i++) {
            int up = above[i] & 0xFF;
            left = row[i] + paethPredictor(left, up, upperLeft) & 0xFF;
            row[i] = (byte) left;
            upperLeft = up;
        }
    }

    private static void paethThree(byte[] row, byte[] above) {
        int left0 = 0;
        int left1 = 0;
        int left2 = 0;
        int upperLeft0 = 0;
        int upperLeft1 = 0;
        int upperLeft2 = 0;
        for (int i = 1; i < row.length - 2; i += 3) {
            int up0 = above[i] & 0xFF;
            int up1 = above[i + 1] & 0xFF;
            int up2 = above[i + 2] & 0xFF;
            left0 = row[i] + paethPredictor(left0, up0, upperLeft0) & 0xFF;
            left1 = row[i + 1] + paethPredictor(left1, up1, upperLeft1) & 0xFF;
            left2 = row[i + 2] + paethPredictor(left2, up2, upperLeft2) & 0xFF;
            row[i] = (byte) left0;
            row[i + 1] = (byte) left1;
            row[i + 2] = (byte) left2;
            upperLeft0 = up0;
            upperLeft1 = up1;
            upperLeft2 = up2;
        }
    }

    private static void paethFour(byte[] row, byte[] above) {
        int left0 = 0;
        int left1 = 0;
        int left2 = 0;
        int left3 = 0;
        int upperLeft0 = 0;
        int upperLeft1 = 0;
        int upperLeft2 = 0;
        int upperLeft3 = 0;
        for (int i = 1; i < row.length - 3; i += 4) {
            int up0 = above[i] & 0xFF;
            int up1 = above[i + 1] & 0xFF;
            int up2 = above[i + 2] & 0xFF;
            int up3 = above[i + 3] & 0xFF;
            left0 = row[i] + paethPredictor(left0, up0, upperLeft0) & 0xFF;
            left1 = row[i + 1] + paethPredictor(left1, up1, upperLeft1) & 0xFF;
            left2 = row[i + 2] + paethPredictor(left2, up2, upperLeft2) & 0xFF;
            left3 = row[i + 3] + paethPredictor(left3, up3, upperLeft3) & 0xFF;
            row[i] = (byte) left0;
            row[i + 1] = (byte) left1;
            row[i + 2] = (byte) left2;
            row[i + 3] = (byte) left3;
            upperLeft0 = up0;
            upperLeft1 = up1;
            upperLeft2 = up2;
            upperLeft3 = up3;
        }
    }

    /**
     * {@return the Paeth predictor: the neighbor that is nearest to left + up − upper left}
     *
     * <p>The specification compares three distances. The two comparisons here, from stb_image 2.29,
     * choose the same neighbor.
     */
    static int paethPredictor(int left, int up, int upperLeft) {
        int threshold = 3 * upperLeft - (left + up);
        int low = Math.min(left, up);
        int high = Math.max(left, up);
        int lowOrUpperLeft = high <= threshold ? low : upperLeft;
        return threshold <= low ? high : lowOrUpperLeft;
    }
}
