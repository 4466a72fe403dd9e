package io.bactrian.preprocess.table;

import org.jspecify.annotations.Nullable;

/**
 * A number: the field's, or its default, its logarithm if that is wanted, scaled.
 *
 * @param defaultValue the number where the field is missing, null if it is required
 * @param log1p whether it is ln(1 + x) of the field's number that is scaled
 */
record NumberFeature(int field, @Nullable Double defaultValue, boolean log1p, Scaling scaling)
        implements Feature {

    @Override
    public int width() {
        return 1;
    }

    @Override
    public boolean isWhole() {
        return !log1p && scaling.equals(Scaling.NONE);
    }

    @Override
    public boolean isMultiHot() {
        return false;
    }

    @Override
    public void put(Rows rows, double[] vector, int at) {
        double number;
        if (rows.has(field)) {
            number = rows.number(field);
        } else if (defaultValue == null) {
            throw rows.missing(field);
        } else {
            number = defaultValue;
        }
        vector[at] = scaling.apply(log1p ? Math.log1p(number) : number);
    }
}
