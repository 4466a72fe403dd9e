package io.bactrian.preprocess.table;

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
 * with_mean: false} leaves the mean out, {@code clip: true} clips to {@code feature_range}, and all
 * else is ignored.
 */
public final class FittedScaler {

    /** No scaling. */
    public static final FittedScaler NONE = new FittedScaler(List.of(), List.of());

    private final List<Scaling> scalings;
    private final List<String> names;

    private FittedScaler(List<Scaling> scalings, List<String> names) {
        this.scalings = scalings;
        this.names = names;
    }

    /**
     * {@return the scaler in a file}
     *
     * @param source the property and the file, for messages
     * @param json the scaler's attributes by their names in scikit-learn
     * @throws PipelineFaultException if it has not the attributes of one scaler
     */
    public static FittedScaler of(String source, JsonNode json) {
        return new Reader(source, json).read();
    }

    /** {@return the number of columns that it was fitted on; 0 if there is no scaling} */
    public int columns() {
        return scalings.size();
    }

    /** {@return the names of the columns; empty if the scaler does not know them} */
    List<String> names() {
        return names;
    }

    /**
     * {@return the index of a column by its name or number; -1 if there is none}
     *
     * @param column the name of a column, or its number from 0
     */
    public int column(String column) {
        int named = names.indexOf(column);
        if (named >= 0) {
            return named;
        }
        return column.matches("\\d{1,9}") && Integer.parseInt(column) < columns()
                ? Integer.parseInt(column)
                : -1;
    }

    /** {@return the columns for messages, such as {@code 3 columns: load, hour, day}} */
    public String describe() {
        return columns()
                + (columns() == 1 ? " column" : " columns")
                + (names.isEmpty() ? "" : ": " + String.join(", ", names));
    }

    Scaling scaling(int column) {
        return scalings.get(column);
    }

    /**
     * {@return the value that the scaler makes a scaled value of, as its inverse_transform}
     *
     * @param scaled a float is rounded to float32 after each operation, as NumPy does in place
     * @param column the index of the value's column
     */
    public Number inverse(Number scaled, int column) {
        return scalings.isEmpty() ? scaled : scalings.get(column).inverse(scaled);
    }

    private static final class Reader {

        private final String source;
        private final JsonNode json;

        Reader(String source, JsonNode json) {
            this.source = source;
            this.json = json;
        }

        FittedScaler read() {
            if (!json.isObject()) {
                throw wrong("must be a JSON object with the attributes of a scaler");
            }
            boolean centered = json.has("mean_") || json.has("center_");
            boolean ranged = json.has("min_") || json.has("data_min_");
            if ((json.has("mean_") && json.has("center_")) || (centered && ranged)) {
                throw wrong("has attributes of two scalers");
            }
            List<Scaling> scalings = ranged ? ranged() : centered(centered);
            List<String> names = new ArrayList<>();
            json.path("feature_names_in_").forEach(name -> names.add(name.asText()));
            if (!names.isEmpty() && names.size() != scalings.size()) {
                throw wrong("has " + names.size() + " names for " + scalings.size() + " columns");
            }
            return new FittedScaler(List.copyOf(scalings), List.copyOf(names));
        }

        private List<Scaling> centered(boolean centered) {
            double[] scales = numbers("scale_");
            // A StandardScaler has a mean even if it does not subtract it.
            double[] offsets =
                    centered && json.path("with_mean").asBoolean(true)
                            ? numbers(json.has("mean_") ? "mean_" : "center_")
                            : null;
            double[] known = scales == null ? offsets : scales;
            if (known == null) {
                throw wrong("has no attributes of a scaler: mean_, center_ or min_, and scale_");
            }
            if (offsets != null) {
                checkSizes("scale_", known, "the offset", offsets);
            }
            List<Scaling> scalings = new ArrayList<>();
            for (int i = 0; i < known.length; i++) {
                scalings.add(
                        Scaling.centered(
                                offsets == null ? 0 : offsets[i],
                                scales == null ? 1 : notZero(scales, i)));
            }
            return scalings;
        }

        private List<Scaling> ranged() {
            double[] range = json.has("feature_range") ? required("feature_range") : null;
            if (range != null && (range.length != 2 || range[0] >= range[1])) {
                throw wrong("has no two ascending numbers in feature_range");
            }
            double from = range == null ? 0 : range[0];
            double to = range == null ? 1 : range[1];
            double[] scales;
            double[] offsets;
            if (json.has("min_")) {
                offsets = required("min_");
                scales = required("scale_");
                checkSizes("scale_", scales, "the offset", offsets);
            } else {
                double[] low = required("data_min_");
                double[] high = required("data_max_");
                checkSizes("data_min_", low, "data_max_", high);
                scales = new double[low.length];
                offsets = new double[low.length];
                for (int i = 0; i < low.length; i++) {
                    // A constant column is not scaled, as in scikit-learn.
                    scales[i] = (to - from) / (high[i] == low[i] ? 1 : high[i] - low[i]);
                    offsets[i] = from - low[i] * scales[i];
                }
            }
            boolean clip = json.path("clip").asBoolean();
            List<Scaling> scalings = new ArrayList<>();
            for (int i = 0; i < scales.length; i++) {
                scalings.add(
                        Scaling.ranged(
                                notZero(scales, i),
                                offsets[i],
                                clip ? from : Double.NEGATIVE_INFINITY,
                                clip ? to : Double.POSITIVE_INFINITY));
            }
            return scalings;
        }

        private double notZero(double[] scales, int column) {
            if (scales[column] == 0) {
                throw wrong("scale_ is 0 in column " + column);
            }
            return scales[column];
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
