package io.bactrian.preprocess.image;

/**
 * Undoes the filters of PNG's rows: a row holds differences to what its neighbors predict. The
 * first byte of a row is its filter's number; the row above the first is all 0.
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
     * @param row changed in place, from its second byte on
     * @param above the row before, without its filter
     * @param step bytes from a sample to the same sample of the next pixel
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
            row[i] += predicted(row[i - step] & 0xFF, above[i] & 0xFF, above[i - step] & 0xFF);
        }
    }

    // The rest is the same with the pixel to the left in registers, where it is known sooner.

    private static void paethOne(byte[] row, byte[] above) {
        int left = 0;
        int corner = 0;
        for (int i = 1; i < row.length; i++) {
            int up = above[i] & 0xFF;
            left = row[i] + predicted(left, up, corner) & 0xFF;
            row[i] = (byte) left;
            corner = up;
        }
    }

    private static void paethThree(byte[] row, byte[] above) {
        int left0 = 0;
        int left1 = 0;
        int left2 = 0;
        int corner0 = 0;
        int corner1 = 0;
        int corner2 = 0;
        for (int i = 1; i < row.length - 2; i += 3) {
            int up0 = above[i] & 0xFF;
            int up1 = above[i + 1] & 0xFF;
            int up2 = above[i + 2] & 0xFF;
            left0 = row[i] + predicted(left0, up0, corner0) & 0xFF;
            left1 = row[i + 1] + predicted(left1, up1, corner1) & 0xFF;
            left2 = row[i + 2] + predicted(left2, up2, corner2) & 0xFF;
            row[i] = (byte) left0;
            row[i + 1] = (byte) left1;
            row[i + 2] = (byte) left2;
            corner0 = up0;
            corner1 = up1;
            corner2 = up2;
        }
    }

    private static void paethFour(byte[] row, byte[] above) {
        int left0 = 0;
        int left1 = 0;
        int left2 = 0;
        int left3 = 0;
        int corner0 = 0;
        int corner1 = 0;
        int corner2 = 0;
        int corner3 = 0;
        for (int i = 1; i < row.length - 3; i += 4) {
            int up0 = above[i] & 0xFF;
            int up1 = above[i + 1] & 0xFF;
            int up2 = above[i + 2] & 0xFF;
            int up3 = above[i + 3] & 0xFF;
            left0 = row[i] + predicted(left0, up0, corner0) & 0xFF;
            left1 = row[i + 1] + predicted(left1, up1, corner1) & 0xFF;
            left2 = row[i + 2] + predicted(left2, up2, corner2) & 0xFF;
            left3 = row[i + 3] + predicted(left3, up3, corner3) & 0xFF;
            row[i] = (byte) left0;
            row[i + 1] = (byte) left1;
            row[i + 2] = (byte) left2;
            row[i + 3] = (byte) left3;
            corner0 = up0;
            corner1 = up1;
            corner2 = up2;
            corner3 = up3;
        }
    }

    /**
     * Of three neighbors the one that left + up − corner is nearest to. The specification compares
     * three distances; these two comparisons choose the same and are fewer (stb_image 2.29).
     */
    static int predicted(int left, int up, int corner) {
        int threshold = 3 * corner - (left + up);
        int low = Math.min(left, up);
        int high = Math.max(left, up);
        int lowOrCorner = high <= threshold ? low : corner;
        return threshold <= low ? high : lowOrCorner;
    }
}
