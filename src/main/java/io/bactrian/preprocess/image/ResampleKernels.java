package io.bactrian.preprocess.image;

import java.util.Arrays;

/**
 * Loops along a row or a column. They are as the compiler (C2 of Java 17) wants them to make vector
 * instructions of them: ints only, one index for all arrays, no {@code min} and {@code max}.
 */
final class ResampleKernels {

    private static final int PRECISION_BITS = Coefficients.PRECISION_BITS;

    /** One half in fixed point: it makes a shift round. */
    private static final int HALF = 1 << (PRECISION_BITS - 1);

    private ResampleKernels() {}

    /**
     * {@return room for the input lines that an output line can need; a power of two, as a
     * remainder would cost more than the loops}
     */
    static int[][][] ring(Coefficients coefficients, int channels, int length) {
        return new int[Integer.highestOneBit(coefficients.stride) << 1][channels][length];
    }

    /**
     * Makes an output line, in fixed point and one half too large.
     *
     * @param i which
     * @param ring the input lines it is made of, each at its number modulo the ring's length
     */
    static void weigh(Coefficients coefficients, int i, int[][][] ring, int channel, int[] sums) {
        int mask = ring.length - 1;
        int line = coefficients.first[i];
        int end = line + coefficients.count[i];
        int[] weights = coefficients.weights;
        int weight = i * coefficients.stride;
        Arrays.fill(sums, HALF);
        for (; line + 3 < end; line += 4, weight += 4) {
            add(
                    sums,
                    ring[line & mask][channel],
                    weights[weight],
                    ring[line + 1 & mask][channel],
                    weights[weight + 1],
                    ring[line + 2 & mask][channel],
                    weights[weight + 2],
                    ring[line + 3 & mask][channel],
                    weights[weight + 3]);
        }
        for (; line < end; line++, weight++) {
            add(sums, ring[line & mask][channel], weights[weight]);
        }
    }

    private static void add(
            int[] sums, int[] a, int wa, int[] b, int wb, int[] c, int wc, int[] d, int wd) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd;
        }
    }

    private static void add(int[] sums, int[] line, int weight) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += line[i] * weight;
        }
    }

    /** Makes samples of sums. */
    static void round(int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = sample(sums[i]);
        }
    }

    /** The whole part, at least 0 and at most 255. */
    private static int sample(int sum) {
        int whole = sum >> PRECISION_BITS;
        int positive = whole & ~(whole >> 31);
        return (positive | (255 - positive) >> 31) & 0xFF;
    }

    /** Makes samples of sums and adds them to packed pixels. */
    static void pack(int[] sums, int shift, int[] pixels) {
        for (int i = 0; i < sums.length; i++) {
            pixels[i] |= sample(sums[i]) << shift;
        }
    }

    /** Takes a channel's samples out of packed pixels. */
    static void unpack(int[] pixels, int shift, int[] samples) {
        for (int i = 0; i < samples.length; i++) {
            samples[i] = pixels[i] >>> shift & 0xFF;
        }
    }
}
