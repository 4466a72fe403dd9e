package io.bactrian.postprocess.mask;

/**
 * The smallest rectangle around the pixels of a class.
 *
 * @param x the leftmost pixel of the class
 * @param y its topmost pixel
 * @param width from the leftmost to the rightmost pixel, both included
 * @param height from the topmost to the lowest pixel, both included
 */
public record ClassRegion(int x, int y, int width, int height) {

    /**
     * {@return the rectangle around a class that has a pixel}
     *
     * @param map the map of classes
     * @param classId the class
     */
    public static ClassRegion of(ClassMap map, int classId) {
        int left = map.width();
        int right = -1;
        int top = map.height();
        int bottom = -1;
        for (int y = 0; y < map.height(); y++) {
            for (int x = 0; x < map.width(); x++) {
                if (map.at(x, y) == classId) {
                    left = Math.min(left, x);
                    right = Math.max(right, x);
                    top = Math.min(top, y);
                    bottom = y;
                }
            }
        }
        return new ClassRegion(left, top, right - left + 1, bottom - top + 1);
    }
}
