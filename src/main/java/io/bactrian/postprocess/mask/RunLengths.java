package io.bactrian.postprocess.mask;

import java.util.Arrays;

/**
 * The run lengths of a class's mask as COCO has them: the numbers of pixels that are outside of it
 * and in it by turns, outside first, column by column from the top.
 */
public final class RunLengths {

    private static final int INITIAL_RUNS = 64;

    /** The bits of a number in one character, and the flag that more follow. */
    private static final int CHARACTER_BITS = 5;

    private static final int CHARACTER_MASK = 0x1f;
    private static final int SIGN = 0x10;
    private static final int MORE = 0x20;
    private static final int FIRST_CHARACTER = 48;

    /** From this count on, its difference to the one but last is written. */
    private static final int FIRST_DIFFERENCE = 3;

    private int[] counts = new int[INITIAL_RUNS];
    private int size;

    private RunLengths() {}

    /**
     * {@return the run lengths of a class}
     *
     * @param map the map of classes
     * @param classId the class
     */
    public static RunLengths of(ClassMap map, int classId) {
        RunLengths runs = new RunLengths();
        boolean inside = false;
        int count = 0;
        for (int x = 0; x < map.width(); x++) {
            for (int y = 0; y < map.height(); y++) {
                if (map.at(x, y) == classId != inside) {
                    runs.add(count);
                    inside = !inside;
                    count = 0;
                }
                count++;
            }
        }
        runs.add(count);
        return runs;
    }

    private void add(int count) {
        if (size == counts.length) {
            counts = Arrays.copyOf(counts, 2 * size);
        }
        counts[size++] = count;
    }

    /** {@return the lengths of the runs} */
    public int[] counts() {
        return Arrays.copyOf(counts, size);
    }

    /**
     * {@return the lengths in COCO's compressed form: each, from the fourth on less the one but
     * last, in characters of five bits from the lowest on (rleToString in maskApi.c)}
     */
    public String compressed() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < size; i++) {
            int left = i < FIRST_DIFFERENCE ? counts[i] : counts[i] - counts[i - 2];
            boolean more = true;
            while (more) {
                int bits = left & CHARACTER_MASK;
                left >>= CHARACTER_BITS;
                more = left != ((bits & SIGN) != 0 ? -1 : 0);
                text.append((char) (FIRST_CHARACTER + (more ? bits | MORE : bits)));
            }
        }
        return text.toString();
    }
}
