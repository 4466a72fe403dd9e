package io.bactrian.preprocess.image;

import java.util.Arrays;

/**
 * The inner loops of resampling, along a row or a column. They are written such that C2 of Java 17
 * vectorizes them: only {@code int} arrays, one index for all arrays, no {@code min} or {@code
 * max}.
 */
final class ResampleKernels {

    private static final int PRECISION_BITS = Coefficients.PRECISION_BITS;

    /** One half in fixed point, added so that the final shift rounds to nearest. */
    private static final int HALF = 1 << (PRECISION_BITS - 1);

    private ResampleKernels() {}

    /**
     * {@return a ring buffer for the input lines of an output line}
     *
     * <p>Its length is a power of two, since computing a remainder would cost more than the loops.
     */
    static int[][][] ring(Coefficients coefficients, int channels, int length) {
        return new int[Integer.highestOneBit(coefficients.stride) << 1][channels][length];
    }

    /**
     * Computes the weighted sum of one output line in fixed point, pre-biased by one half for
     * rounding.
     *
     * @param i the index of the output line
     * @param ring the input lines, each at its index modulo the ring's length
     * @param sums the destination
     */
    static void weightedSum(
            Coefficients coefficients, int i, int[][][] ring, int channel, int[] sums) {
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

    /** Converts sums to samples in place. */
    static void round(int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = sample(sums[i]);
        }
    }

    /** {@return the integer part of a sum, clipped to 0 to 255} */
    private static int sample(int sum) {
        int whole = sum >> PRECISION_BITS;
        int positive = whole & ~(whole >> 31);
        return (positive | (255 - positive) >> 31) & 0xFF;
    }

    /** Converts sums to samples and stores them in a channel of packed pixels. */
    static void pack(int[] sums, int shift, int[] pixels) {
        for (int i = 0; i < sums.length; i++) {
            pixels[i] |= sample(sums[i]) << shift;
        }
    }

    /** Extracts the samples of a channel of packed pixels. */
    static void unpack(int[] pixels, int shift, int[] samples) {
        for (int i = 0; i < samples.length; i++) {
            samples[i] = pixels[i] >>> shift & 0xFF;
        }
    }
}
