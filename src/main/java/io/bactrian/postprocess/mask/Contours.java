package io.bactrian.postprocess.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The outer contours of a class's regions, as OpenCV's {@code findContours} gives them with {@code
 * RETR_EXTERNAL} and {@code CHAIN_APPROX_SIMPLE}: pixels are neighbors by corners too, the pixels
 * on the border belong to the contour, of a straight line only its ends are kept, and regions in
 * the hole of another are left out (Suzuki and Abe, Topological structural analysis of digitized
 * binary images by border following, 1985).
 */
public final class Contours {

    private static final byte OUTSIDE = 0;
    private static final byte INSIDE = 1;

    /** A pixel of a border that has been followed. */
    private static final byte BORDER = 2;

    /**
     * A pixel of such a border with a pixel outside to its right, where a row leaves the region.
     */
    private static final byte RIGHT_BORDER = -2;

    private static final int DIRECTIONS = 8;

    /** The direction to the left; they turn counterclockwise from the right on. */
    private static final int LEFT = 4;

    private static final int[] X_STEPS = {1, 1, 0, -1, -1, -1, 0, 1};
    private static final int[] Y_STEPS = {0, -1, -1, -1, 0, 1, 1, 1};

    /** The state of each pixel, with a frame of pixels outside. */
    private final byte[] states;

    private final int stride;
    private final int[] steps = new int[DIRECTIONS];

    private Contours(ClassMap map, int classId) {
        stride = map.width() + 2;
        states = new byte[stride * (map.height() + 2)];
        for (int y = 0; y < map.height(); y++) {
            for (int x = 0; x < map.width(); x++) {
                states[(y + 1) * stride + x + 1] = map.at(x, y) == classId ? INSIDE : OUTSIDE;
            }
        }
        for (int i = 0; i < DIRECTIONS; i++) {
            steps[i] = Y_STEPS[i] * stride + X_STEPS[i];
        }
    }

    /**
     * {@return the contours of a class, from the top to the bottom by their first pixels: each x
     * and y of its first pixel, and so on}
     *
     * @param map the map of classes
     * @param classId the class
     */
    public static List<int[]> of(ClassMap map, int classId) {
        return new Contours(map, classId).find();
    }

    private List<int[]> find() {
        List<int[]> found = new ArrayList<>();
        for (int row = stride; row < states.length - stride; row += stride) {
            byte before = OUTSIDE;
            // The last border that the row met: after a right one the row is outside of all
            // regions.
            byte border = OUTSIDE;
            for (int at = row + 1; at < row + stride - 1; at++) {
                if (before == OUTSIDE && states[at] == INSIDE && border <= 0) {
                    found.add(follow(at));
                }
                before = states[at];
                if (before != OUTSIDE && before != INSIDE) {
                    border = before;
                }
            }
        }
        return found;
    }

    /** Follows the border that begins at a pixel, and marks its pixels. */
    private int[] follow(int start) {
        int[] points = new int[2 * DIRECTIONS];
        int size = 0;
        int direction = LEFT;
        // Clockwise, for the pixel from which the border comes back to the first.
        do {
            direction = (direction + DIRECTIONS - 1) % DIRECTIONS;
        } while (direction != LEFT && states[start + steps[direction]] == OUTSIDE);
        if (direction == LEFT) {
            states[start] = RIGHT_BORDER;
            return new int[] {start % stride - 1, start / stride - 1};
        }
        int last = start + steps[direction];
        int at = start;
        // The direction in which the border comes back to the first pixel.
        int written = (direction + LEFT) % DIRECTIONS;
        while (true) {
            int from = direction;
            // Counterclockwise, for the next pixel.
            int next = from;
            do {
                next = (next + 1) % DIRECTIONS;
            } while (states[at + steps[next]] == OUTSIDE);
            mark(at, from, next);
            if (next != written) {
                if (size == points.length) {
                    points = Arrays.copyOf(points, 2 * size);
                }
                points[size++] = at % stride - 1;
                points[size++] = at / stride - 1;
                written = next;
            }
            int to = at + steps[next];
            if (to == start && at == last) {
                return Arrays.copyOf(points, size);
            }
            at = to;
            direction = (next + LEFT) % DIRECTIONS;
        }
    }

    /**
     * Marks a pixel; the pixel to its right is outside if the search for the next one passed it.
     */
    private void mark(int at, int from, int next) {
        boolean passedRight = next <= from;
        if (passedRight && next != 0) {
            states[at] = RIGHT_BORDER;
        } else if (states[at] == INSIDE) {
            states[at] = BORDER;
        }
    }
}
