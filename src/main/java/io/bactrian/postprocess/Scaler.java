package io.bactrian.postprocess;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.pipeline.PipelineFaultException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A fitted scaler of scikit-learn, read from JSON with its attributes under their names: {@code
 * mean_} and {@code scale_} of a StandardScaler, {@code center_} and {@code scale_} of a
 * RobustScaler, {@code scale_} of a MaxAbsScaler, {@code min_} and {@code scale_} of a MinMaxScaler
 * or, in their place, {@code data_min_}, {@code data_max_} and {@code feature_range}. {@code
 * with_mean: false} leaves the mean out; all else is ignored.
 *
 * <p>A float32 is rounded to float32 after each operation, as NumPy's operations in place do.
 */
final class Scaler {

    /** No scaling. */
    static final Scaler NONE = new Scaler(false, null, null, List.of());

    private final boolean minMax;
    private final double @Nullable [] scales;
    private final double @Nullable [] offsets;
    private final List<String> names;

    private Scaler(
            boolean minMax,
            double @Nullable [] scales,
            double @Nullable [] offsets,
            List<String> names) {
        this.minMax = minMax;
        this.scales = scales;
        this.offsets = offsets;
        this.names = names;
    }

    /**
     * {@return the scaler in a file}
     *
     * @param source the property and the file, for messages
     * @throws PipelineFaultException if it is not a scaler's attributes
     */
    static Scaler of(String source, JsonNode json) {
        return new Reader(source, json).read();
    }

    /** {@return the number of columns that it was fitted on; 0 if there is no scaling} */
    int columns() {
        if (scales != null) {
            return scales.length;
        }
        return offsets == null ? 0 : offsets.length;
    }

    /** {@return the index of a column by its name or number; -1 if there is none} */
    int column(String column) {
        int named = names.indexOf(column);
        if (named >= 0) {
            return named;
        }
        return column.matches("\\d{1,9}") && Integer.parseInt(column) < columns()
                ? Integer.parseInt(column)
                : -1;
    }

    /** {@return the columns for messages, such as {@code 3 columns: load, hour, day}} */
    String describe() {
        return columns()
                + (columns() == 1 ? " column" : " columns")
                + (names.isEmpty() ? "" : ": " + String.join(", ", names));
    }

    /** {@return the value that the scaler makes a scaled value of, as its inverse_transform} */
    Number inverse(Number scaled, int column) {
        if (columns() == 0) {
            return scaled;
        }
        double scale = scales == null ? 1 : scales[column];
        double offset = offsets == null ? 0 : offsets[column];
        if (scaled instanceof Float) {
            float value = scaled.floatValue();
            return minMax
                    ? (float) ((float) (value - offset) / scale)
                    : (float) ((float) (value * scale) + offset);
        }
        double value = scaled.doubleValue();
        return minMax ? (value - offset) / scale : value * scale + offset;
    }

    private static final class Reader {

        private final String source;
        private final JsonNode json;

        Reader(String source, JsonNode json) {
            this.source = source;
            this.json = json;
        }

        Scaler read() {
            if (!json.isObject()) {
                throw wrong("must be a JSON object with the attributes of a scaler");
            }
            boolean centered = json.has("mean_") || json.has("center_");
            boolean minMax = json.has("min_") || json.has("data_min_");
            if ((json.has("mean_") && json.has("center_")) || (centered && minMax)) {
                throw wrong("has attributes of two scalers");
            }
            double[] scales = numbers("scale_");
            double[] offsets;
            if (!minMax) {
                if (!centered && scales == null) {
                    throw wrong(
                            "has no attributes of a scaler: mean_, center_ or min_, and scale_");
                }
                // A StandardScaler has a mean even if it does not subtract it.
                offsets =
                        json.path("with_mean").asBoolean(true)
                                ? numbers(json.has("mean_") ? "mean_" : "center_")
                                : null;
            } else if (json.has("min_")) {
                offsets = required("min_");
                scales = required("scale_");
            } else {
                double[] low = required("data_min_");
                double[] high = required("data_max_");
                checkSizes("data_min_", low, "data_max_", high);
                double[] range = json.has("feature_range") ? required("feature_range") : null;
                double from = range == null ? 0 : range[0];
                double to = range == null ? 1 : range[range.length - 1];
                scales = new double[low.length];
                offsets = new double[low.length];
                for (int i = 0; i < low.length; i++) {
                    // A constant column is not scaled, as in scikit-learn.
                    scales[i] = (to - from) / (high[i] == low[i] ? 1 : high[i] - low[i]);
                    offsets[i] = from - low[i] * scales[i];
                }
            }
            if (scales != null && offsets != null) {
                checkSizes("scale_", scales, "the offset", offsets);
            }
            for (int i = 0; scales != null && i < scales.length; i++) {
                if (scales[i] == 0) {
                    throw wrong("scale_ is 0 in column " + i);
                }
            }
            return new Scaler(minMax, scales, offsets, names());
        }

        private List<String> names() {
            List<String> names = new ArrayList<>();
            json.path("feature_names_in_").forEach(name -> names.add(name.asText()));
            return names;
        }

        private double[] required(String attribute) {
            double[] numbers = numbers(attribute);
            if (numbers == null) {
                throw wrong("has no " + attribute);
            }
            return numbers;
        }

        /** The numbers of an attribute; null if it is absent, or null as scikit-learn leaves it. */
        private double @Nullable [] numbers(String attribute) {
            JsonNode value = json.path(attribute);
            if (value.isMissingNode() || value.isNull()) {
                return null;
            }
            List<JsonNode> values = new ArrayList<>();
            if (value.isArray()) {
                value.forEach(values::add);
            } else {
                values.add(value);
            }
            for (JsonNode each : values) {
                if (!each.isNumber() || !Double.isFinite(each.doubleValue())) {
                    throw wrong("has " + each + " in " + attribute + ", expected finite numbers");
                }
            }
            if (values.isEmpty()) {
                throw wrong("has no numbers in " + attribute);
            }
            return values.stream().mapToDouble(JsonNode::doubleValue).toArray();
        }

        private void checkSizes(String name, double[] numbers, String other, double[] others) {
            if (numbers.length != others.length) {
                throw wrong(
                        "differs in the number of columns: "
                                + name
                                + " has "
                                + numbers.length
                                + ", "
                                + other
                                + " has "
                                + others.length);
            }
        }

        private PipelineFaultException wrong(String what) {
            return new PipelineFaultException(source + " " + what);
        }
    }
}
