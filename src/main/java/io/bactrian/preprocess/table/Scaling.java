package io.bactrian.preprocess.table;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.pipeline.PipelineFaultException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
     * The scalings of a fitted scaler's columns.
     *
     * @param names the names of the columns; empty if the scaler does not know them
     */
    record Columns(List<Scaling> scalings, List<String> names) {}

    /**
     * {@return the scalings in a file with a fitted scaler's attributes under their names}
     *
     * @param source the property and the file, for messages
     * @throws PipelineFaultException if it has other content
     */
    static Columns ofScaler(String source, JsonNode json) {
        if (!json.isObject()) {
            throw new PipelineFaultException(
                    source + " must be a JSON object with the attributes of a fitted scaler");
        }
        boolean ranged = json.has("min_");
        String center = json.has("mean_") ? "mean_" : "center_";
        if (ranged && json.has(center)) {
            throw new PipelineFaultException(source + " has the attributes of two scalers");
        }
        double[] scales = numbers(source, json, "scale_");
        double[] offsets =
                ranged
                        ? numbers(source, json, "min_")
                        : json.path("with_mean").asBoolean(true)
                                ? numbers(source, json, center)
                                : null;
        double[] known = scales == null ? offsets : scales;
        if (known == null || (ranged && (scales == null || offsets == null))) {
            throw new PipelineFaultException(
                    source
                            + " must have scale_ with mean_, center_ or none of a StandardScaler,"
                            + " RobustScaler or MaxAbsScaler, or scale_ and min_ of a MinMaxScaler");
        }
        if (offsets != null && offsets.length != known.length) {
            throw new PipelineFaultException(
                    source + " has lists of " + known.length + " and " + offsets.length);
        }
        double[] range = {Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY};
        if (ranged && json.path("clip").asBoolean()) {
            double[] limits = numbers(source, json, "feature_range");
            range = limits != null && limits.length == 2 ? limits : new double[] {0, 1};
        }
        List<Scaling> scalings = new ArrayList<>();
        for (int i = 0; i < known.length; i++) {
            double scale = scales == null ? 1 : scales[i];
            double offset = offsets == null ? 0 : offsets[i];
            if (scale == 0) {
                throw new PipelineFaultException(source + ": scale_[" + i + "] is 0");
            }
            scalings.add(
                    ranged ? ranged(scale, offset, range[0], range[1]) : centered(offset, scale));
        }
        List<String> names = new ArrayList<>();
        json.path("feature_names_in_").forEach(name -> names.add(name.asText()));
        if (!names.isEmpty() && names.size() != scalings.size()) {
            throw new PipelineFaultException(
                    source + " has " + names.size() + " names for " + scalings.size() + " columns");
        }
        return new Columns(scalings, names);
    }

    private static double @Nullable [] numbers(String source, JsonNode json, String name) {
        JsonNode list = json.path(name);
        if (list.isMissingNode() || list.isNull()) {
            return null;
        }
        double[] numbers = new double[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            if (!list.get(i).isNumber()) {
                throw new PipelineFaultException(
                        source + ": " + name + "[" + i + "] is not a number");
            }
            numbers[i] = list.get(i).doubleValue();
        }
        if (numbers.length == 0) {
            throw new PipelineFaultException(source + ": " + name + " must be a list of numbers");
        }
        return numbers;
    }
}
