package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;

/** Comparison of scores with the property {@code threshold}. */
final class Thresholds {

    private Thresholds() {}

    /**
     * {@return the threshold}
     *
     * @throws PipelineFaultException if it is not finite
     */
    static double finite(double threshold) {
        return finite("threshold", threshold);
    }

    /**
     * {@return the value of a property}
     *
     * @throws PipelineFaultException if it is not finite
     */
    static double finite(String property, double value) {
        if (!Double.isFinite(value)) {
            throw PipelineFaultException.property(property, "a finite number", value);
        }
        return value;
    }

    /**
     * {@return whether the score is at least the threshold} A float32 is compared as numpy compares
     * it with a Python float, both as float32.
     */
    static boolean reaches(Number score, double threshold) {
        return score instanceof Float
                ? score.floatValue() >= (float) threshold
                : score.doubleValue() >= threshold;
    }

    /**
     * {@return whether the score is at least the threshold, or above it if that is strict}
     *
     * @throws PipelineFaultException if the score is NaN
     */
    static boolean passes(Number score, double threshold, boolean strict) {
        if (Double.isNaN(score.doubleValue())) {
            throw new PipelineFaultException(
                    "the model's score is NaN, which is on no side of the threshold");
        }
        return reaches(score, threshold) && !(strict && equals(score, threshold));
    }

    private static boolean equals(Number score, double threshold) {
        return score instanceof Float
                ? score.floatValue() == (float) threshold
                : score.doubleValue() == threshold;
    }
}
