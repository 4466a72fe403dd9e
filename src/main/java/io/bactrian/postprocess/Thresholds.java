package io.bactrian.postprocess;

/** The comparison of scores with a threshold. */
final class Thresholds {

    private Thresholds() {}

    /**
     * {@return {@code threshold}}
     *
     * @throws IllegalArgumentException if it is not finite
     */
    static double finite(double threshold) {
        if (!Double.isFinite(threshold)) {
            throw new IllegalArgumentException(
                    "threshold must be a finite number, got " + threshold);
        }
        return threshold;
    }

    /**
     * {@return whether the score is at least the threshold; a float32 is compared as numpy compares
     * it with a Python float, both as float32}
     */
    static boolean reaches(Number score, double threshold) {
        return score instanceof Float
                ? score.floatValue() >= (float) threshold
                : score.doubleValue() >= threshold;
    }
}
