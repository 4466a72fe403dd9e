package io.bactrian.preprocess.image;

import java.util.Locale;

/** How a side of an image that keeps its proportions becomes a whole number of pixels. */
public enum SizeRounding {
    /** Down, as by Python's {@code int}. */
    DOWN {
        @Override
        int round(double side) {
            return Math.max(1, (int) side);
        }
    },
    /** To the nearest, ties to even, as by Python's {@code round}. */
    NEAREST {
        @Override
        int round(double side) {
            return Math.max(1, (int) Math.rint(side));
        }
    };

    /** {@return the whole number, at least 1} */
    abstract int round(double side);

    /** {@return the name in lower case} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
