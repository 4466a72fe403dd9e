package io.bactrian.postprocess;

/**
 * NumPy's sum of floating-point numbers: eight running sums for up to 128 numbers, and the sum of
 * both halves for more. Another order of additions gives other last digits.
 */
final class PairwiseSum {

    private static final int BLOCK = 128;
    private static final int LANES = 8;

    private PairwiseSum() {}

    /** {@return the sum of {@code count} numbers, rounded to float32 after each addition} */
    static float of(float[] numbers, int first, int count) {
        if (count > BLOCK) {
            int half = firstHalf(count);
            return of(numbers, first, half) + of(numbers, first + half, count - half);
        }
        int end = first + count;
        if (count < LANES) {
            float sum = 0;
            for (int i = first; i < end; i++) {
                sum += numbers[i];
            }
            return sum;
        }
        float[] sums = new float[LANES];
        int next = first;
        for (; next + LANES <= end; next += LANES) {
            for (int lane = 0; lane < LANES; lane++) {
                sums[lane] += numbers[next + lane];
            }
        }
        float sum =
                ((sums[0] + sums[1]) + (sums[2] + sums[3]))
                        + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
        for (; next < end; next++) {
            sum += numbers[next];
        }
        return sum;
    }

    /** {@return the sum of {@code count} numbers} */
    static double of(double[] numbers, int first, int count) {
        if (count > BLOCK) {
            int half = firstHalf(count);
            return of(numbers, first, half) + of(numbers, first + half, count - half);
        }
        int end = first + count;
        if (count < LANES) {
            double sum = 0;
            for (int i = first; i < end; i++) {
                sum += numbers[i];
            }
            return sum;
        }
        double[] sums = new double[LANES];
        int next = first;
        for (; next + LANES <= end; next += LANES) {
            for (int lane = 0; lane < LANES; lane++) {
                sums[lane] += numbers[next + lane];
            }
        }
        double sum =
                ((sums[0] + sums[1]) + (sums[2] + sums[3]))
                        + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
        for (; next < end; next++) {
            sum += numbers[next];
        }
        return sum;
    }

    /** {@return the size of the first half, a multiple of the lanes} */
    private static int firstHalf(int count) {
        return count / 2 - count / 2 % LANES;
    }
}
