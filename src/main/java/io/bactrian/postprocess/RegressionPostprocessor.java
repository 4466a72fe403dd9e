package io.bactrian.postprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.ProcessorFile;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.preprocess.table.FittedScaler;
import io.bactrian.tensor.NamedTensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The postprocessor of a regression: a value per row, {@code {"prediction": 12.5}}, or nested lists
 * of them, after inverse scaling, clipping and rounding, in this order.
 */
@Metadata(
        label = "bean",
        description =
                "Answers a regression's value per row, such as {\"prediction\": 12.5}, or its vector as"
                        + " a list, after inverse scaling, clipping and rounding, in this order; a list"
                        + " of that for several rows. The first dimension is the rows; a last dimension"
                        + " of 1 makes no list.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class RegressionPostprocessor extends FilePostprocessor<FittedScaler> {

    @Metadata(
            description =
                    "A JSON file with the attributes of a fitted scikit-learn scaler, under their"
                            + " names: mean_ and scale_ of a StandardScaler, min_ and scale_ of a"
                            + " MinMaxScaler, center_ and scale_ of a RobustScaler, scale_ of a"
                            + " MaxAbsScaler. The values are its inverse_transform. Looked up as a"
                            + " labelsFile is. Not set: the values are the model's")
    private @Nullable String scalerFile;

    @Metadata(
            description =
                    "The scaler's column that all values are of, for a scaler that was fitted on"
                            + " more: its number from 0 on, or its name in feature_names_in_. Not"
                            + " set: the scaler has one column, or one for each in the output's last"
                            + " dimension")
    private @Nullable String column;

    @Metadata(description = "The least value of an answer, for a lower one. Not set: any value")
    private @Nullable Double min;

    @Metadata(description = "The greatest value of an answer, for a higher one. Not set: any value")
    private @Nullable Double max;

    @Metadata(
            description =
                    "The number of decimal places that values are rounded to, 0 to 15, as by"
                            + " Python's round: to the nearest, ties to even; whole numbers for 0."
                            + " Not set: values are not rounded")
    private @Nullable Integer round;

    /** Creates a postprocessor with default properties. */
    public RegressionPostprocessor() {
        super("prediction", FittedScaler.NONE);
    }

    /** {@return a JSON file with the attributes of a fitted scaler; null for none} */
    public @Nullable String getScalerFile() {
        return scalerFile;
    }

    /**
     * Sets a JSON file with the attributes of a fitted scaler.
     *
     * @param scalerFile null for none, as by default
     */
    public void setScalerFile(@Nullable String scalerFile) {
        this.scalerFile = scalerFile;
    }

    /**
     * {@return the scaler's column that all values are of, by its number from 0 on or its name;
     * null if it has one, or one for each in the output's last dimension}
     */
    public @Nullable String getColumn() {
        return column;
    }

    /**
     * Sets the scaler's column that all values are of, by its number from 0 on or its name.
     *
     * @param column null, as by default, if it has one, or one for each in the output's last
     *     dimension
     */
    public void setColumn(@Nullable String column) {
        this.column = column;
    }

    /** {@return the least value of an answer; null for none} */
    public @Nullable Double getMin() {
        return min;
    }

    /**
     * Sets the least value of an answer.
     *
     * @param min null for none, as by default
     * @throws PipelineFaultException if it is not finite
     */
    public void setMin(@Nullable Double min) {
        this.min = min == null ? null : (Double) Thresholds.finite("min", min);
    }

    /** {@return the greatest value of an answer; null for none} */
    public @Nullable Double getMax() {
        return max;
    }

    /**
     * Sets the greatest value of an answer.
     *
     * @param max null for none, as by default
     * @throws PipelineFaultException if it is not finite
     */
    public void setMax(@Nullable Double max) {
        this.max = max == null ? null : (Double) Thresholds.finite("max", max);
    }

    /** {@return the number of decimal places that values are rounded to; null for all digits} */
    public @Nullable Integer getRound() {
        return round;
    }

    /**
     * Sets the number of decimal places that values are rounded to.
     *
     * @param round null for all digits, as by default
     * @throws PipelineFaultException below 0 or above 15
     */
    public void setRound(@Nullable Integer round) {
        this.round = Rounding.places(round);
    }

    @Override
    void checkProperties() {
        if (min != null && max != null && min > max) {
            throw new PipelineFaultException("min is " + min + ", above max, which is " + max);
        }
        if (column != null && scalerFile == null) {
            throw new PipelineFaultException("column is of a scaler: set scalerFile");
        }
    }

    @Override
    boolean namesFile() {
        return scalerFile != null;
    }

    @Override
    FittedScaler load(List<Path> modelFolders) {
        if (scalerFile == null) {
            return FittedScaler.NONE;
        }
        ProcessorFile file = new ProcessorFile(getCamelContext(), "scalerFile", scalerFile);
        FittedScaler scaler = FittedScaler.of(file.toString(), file.json(read(file, modelFolders)));
        if (column != null && scaler.column(column) < 0) {
            throw new PipelineFaultException(
                    "column is \"" + column + "\", but " + file + " has " + scaler.describe());
        }
        return scaler;
    }

    @Override
    void check(SignatureTensors outputs, FittedScaler scaler) {
        ModelTensor declared = numeric(outputs, getOutput());
        Shape shape = declared.shape();
        if (!shape.isUnknown()) {
            checkColumns(scaler, columns(shape), declared.toString());
        }
    }

    private void checkColumns(FittedScaler scaler, long columns, String described) {
        if (column == null
                && columns != Shape.UNKNOWN_SIZE
                && scaler.columns() > 1
                && scaler.columns() != columns) {
            throw new PipelineFaultException(
                    "scalerFile has "
                            + scaler.describe()
                            + "; set column to the one that the values are of: "
                            + described);
        }
    }

    /** The size of the last dimension; 1 where there are only rows. */
    private static long columns(Shape shape) {
        int rank = shape.numDimensions();
        return rank < 2 ? 1 : shape.get(rank - 1);
    }

    @Override
    protected final Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        ModelOutput read = read(outputs);
        Shape shape = read.shape();
        int columns = Math.toIntExact(columns(shape));
        FittedScaler scaler = content();
        checkColumns(scaler, columns, read.toString());
        int rank = shape.numDimensions();
        int rows = rank == 0 ? 1 : Math.toIntExact(shape.get(0));
        int depth = rank >= 2 && columns == 1 ? rank - 1 : rank;
        Values values = new Values(read, scaler, columns);
        return perRow(exchange, rows, row -> inField(nested(values, shape, depth, 1, row)));
    }

    /** The {@code index}-th part of those that the first {@code level} dimensions make. */
    private Object nested(Values values, Shape shape, int depth, int level, int index) {
        if (level >= depth) {
            return value(values, index);
        }
        int size = Math.toIntExact(shape.get(level));
        List<Object> list = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            list.add(nested(values, shape, depth, level + 1, index * size + i));
        }
        return list;
    }

    private record Values(ModelOutput output, FittedScaler scaler, int columns) {}

    private Number value(Values values, int index) {
        int scaled = 0;
        if (column != null) {
            scaled = values.scaler.column(column);
        } else if (values.scaler.columns() > 1) {
            scaled = index % values.columns;
        }
        Number value = clipped(values.scaler.inverse(values.output.numbers().exact(index), scaled));
        if (!Double.isFinite(value.doubleValue())) {
            throw new PipelineFaultException(
                    "the value is "
                            + value
                            + ", for which JSON has no number: "
                            + values.output
                            + " with "
                            + values.output.numbers().exact(index));
        }
        return Rounding.round(value, round);
    }

    private Number clipped(Number value) {
        if (min == null && max == null) {
            return value;
        }
        double low = min == null ? Double.NEGATIVE_INFINITY : min;
        double high = max == null ? Double.POSITIVE_INFINITY : max;
        if (value instanceof Float) {
            return Math.min(Math.max(value.floatValue(), (float) low), (float) high);
        }
        return Math.min(Math.max(value.doubleValue(), low), high);
    }
}
