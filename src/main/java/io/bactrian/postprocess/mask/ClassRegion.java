package io.bactrian.postprocess.mask;

import java.util.ArrayList;
import java.util.List;

/**
 * The pixels of a class in a map: how many there are, and the smallest rectangle around them.
 *
 * @param classId the class
 * @param area the number of its pixels
 * @param x the leftmost pixel
 * @param y the topmost pixel
 * @param width from the leftmost to the rightmost pixel, both included
 * @param height from the topmost to the lowest pixel, both included
 */
public record ClassRegion(int classId, int area, int x, int y, int width, int height) {

    /**
     * {@return the regions of the classes that have a pixel, by class}
     *
     * @param map the map of classes
     */
    public static List<ClassRegion> of(ClassMap map) {
        int[] areas = new int[ClassMap.MAX_CLASSES];
        int[] left = new int[ClassMap.MAX_CLASSES];
        int[] right = new int[ClassMap.MAX_CLASSES];
        int[] top = new int[ClassMap.MAX_CLASSES];
        int[] bottom = new int[ClassMap.MAX_CLASSES];
        for (int y = 0; y < map.height(); y++) {
            for (int x = 0; x < map.width(); x++) {
                int classId = map.at(x, y);
                if (areas[classId]++ == 0) {
                    left[classId] = x;
                    right[classId] = x;
                    top[classId] = y;
                }
                left[classId] = Math.min(left[classId], x);
                right[classId] = Math.max(right[classId], x);
                bottom[classId] = y;
            }
        }
        List<ClassRegion> regions = new ArrayList<>();
        for (int i = 0; i < areas.length; i++) {
            if (areas[i] > 0) {
                int width = right[i] - left[i] + 1;
                int height = bottom[i] - top[i] + 1;
                regions.add(new ClassRegion(i, areas[i], left[i], top[i], width, height));
            }
        }
        return regions;
    }
}
