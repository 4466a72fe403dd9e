package io.bactrian.postprocess;

import java.util.Locale;

/** How a grid of YOLO says where a box is. */
public enum YoloDecoding {
    /** A center at sigmoid(t) of its cell, and a size of exp(t) anchors: YOLO v2 and v3. */
    V3 {
        @Override
        double center(double logit) {
            return sigmoid(logit);
        }

        @Override
        double size(double logit) {
            return Math.exp(logit);
        }
    },
    /**
     * A center at 2 sigmoid(t) - 0.5 of its cell, and a size of (2 sigmoid(t))² anchors: YOLO v5
     * and v7.
     */
    V5 {
        @Override
        double center(double logit) {
            return 2 * sigmoid(logit) - HALF;
        }

        @Override
        double size(double logit) {
            double twice = 2 * sigmoid(logit);
            return twice * twice;
        }
    };

    private static final double HALF = 0.5;

    /** {@return where a center is, in cells from its own cell's beginning} */
    abstract double center(double logit);

    /** {@return a size in anchors} */
    abstract double size(double logit);

    /** {@return the logistic function} */
    static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }

    /** {@return the name in lower case, such as {@code v3}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
