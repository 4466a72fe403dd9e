package io.bactrian.preprocess.table;

/**
 * The scaling of a number as scikit-learn's scalers do it, in float64 and in their order: {@code (x
 * - subtract) / divide} of a StandardScaler, RobustScaler and MaxAbsScaler, {@code x * multiply +
 * add} of a MinMaxScaler, which may clip.
 */
record Scaling(
        double subtract,
        double divide,
        double multiply,
        double add,
        double clipMin,
        double clipMax) {

    /** No scaling. */
    static final Scaling NONE = centered(0, 1);

    /** {@return the scaling (x - center) / scale} */
    static Scaling centered(double center, double scale) {
        return new Scaling(center, scale, 1, 0, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }

    /** {@return the scaling x * scale + min, between two limits} */
    static Scaling ranged(double scale, double min, double clipMin, double clipMax) {
        return new Scaling(0, 1, scale, min, clipMin, clipMax);
    }

    /** {@return the scaled number; NaN stays NaN} */
    double apply(double number) {
        double scaled = (number - subtract) / divide * multiply + add;
        return scaled < clipMin ? clipMin : scaled > clipMax ? clipMax : scaled;
    }

    /**
     * {@return the number that a scaled number is of, which is not clipped} A float32 is rounded to
     * float32 after each operation, as NumPy's operations in place do.
     */
    Number inverse(Number scaled) {
        if (scaled instanceof Float) {
            float ranged = (float) ((float) (scaled.floatValue() - add) / multiply);
            return (float) ((float) (ranged * divide) + subtract);
        }
        return (scaled.doubleValue() - add) / multiply * divide + subtract;
    }
}
