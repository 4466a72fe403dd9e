package io.bactrian.postprocess.image;

/**
 * The drawing of plain shapes on a color image. What is outside of the image is left out, so that
 * no coordinate takes more work than the image has pixels.
 */
final class Canvas {

    private static final int RED_SHIFT = 16;

    private final RasterImage image;

    /**
     * @param image an image of three channels
     */
    Canvas(RasterImage image) {
        this.image = image;
    }

    /** Fills a rectangle, from a pixel on to before another one. */
    void fill(int left, int top, int right, int bottom, int color) {
        for (int y = Math.max(0, top); y < Math.min(bottom, image.height()); y++) {
            for (int x = Math.max(0, left); x < Math.min(right, image.width()); x++) {
                set(x, y, color);
            }
        }
    }

    /** Draws the outline of a rectangle, inwards from its corners. */
    void outline(int left, int top, int right, int bottom, int thickness, int color) {
        fill(left, top, right, Math.min(bottom, top + thickness), color);
        fill(left, Math.max(top, bottom - thickness), right, bottom, color);
        fill(left, top, Math.min(right, left + thickness), bottom, color);
        fill(Math.max(left, right - thickness), top, right, bottom, color);
    }

    /** Fills a circle around the middle of a pixel. */
    void dot(int centerX, int centerY, int radius, int color) {
        for (int y = Math.max(0, centerY - radius);
                y <= Math.min(centerY + radius, image.height() - 1);
                y++) {
            for (int x = Math.max(0, centerX - radius);
                    x <= Math.min(centerX + radius, image.width() - 1);
                    x++) {
                int dx = x - centerX;
                int dy = y - centerY;
                if (dx * dx + dy * dy <= radius * radius) {
                    set(x, y, color);
                }
            }
        }
    }

    /** Draws a line between two pixels, which may be little outside of the image. */
    void line(int fromX, int fromY, int toX, int toY, int thickness, int color) {
        int steps = Math.max(1, Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY)));
        int before = (thickness - 1) / 2;
        for (int i = 0; i <= steps; i++) {
            int x = fromX + Math.round((float) (toX - fromX) * i / steps) - before;
            int y = fromY + Math.round((float) (toY - fromY) * i / steps) - before;
            fill(x, y, x + thickness, y + thickness, color);
        }
    }

    /** Draws a text whose upper left corner is at a pixel. */
    void text(int left, int top, String drawable, int scale, int color) {
        for (int i = 0; i < drawable.length(); i++) {
            int x0 = left + i * BitmapFont.ADVANCE * scale;
            if (x0 >= image.width()) {
                return;
            }
            for (int y = 0; y < BitmapFont.GLYPH_HEIGHT; y++) {
                for (int x = 0; x < BitmapFont.GLYPH_WIDTH; x++) {
                    if (BitmapFont.isSet(drawable.charAt(i), x, y)) {
                        int at = x0 + x * scale;
                        int row = top + y * scale;
                        fill(at, row, at + scale, row + scale, color);
                    }
                }
            }
        }
    }

    private void set(int x, int y, int color) {
        int at = (y * image.width() + x) * RasterImage.RGB;
        image.samples()[at] = (byte) (color >> RED_SHIFT);
        image.samples()[at + 1] = (byte) (color >> Byte.SIZE);
        image.samples()[at + 2] = (byte) color;
    }
}
