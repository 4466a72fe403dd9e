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
        if (!Double.isFinite(threshold)) {
            throw PipelineFaultException.property("threshold", "a finite number", threshold);
        }
        return threshold;
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
}
