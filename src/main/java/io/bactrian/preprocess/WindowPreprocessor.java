package io.bactrian.preprocess;

import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.table.FeatureVectors;
import io.bactrian.preprocess.table.Features;
import io.bactrian.preprocess.table.Rows;
import io.bactrian.preprocess.table.RowsFormat;
import io.bactrian.preprocess.table.TableLayout;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.TensorBuffer;
import java.util.Arrays;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The preprocessor of a series for a model with one input [-1, steps, features]: the last rows of
 * the request, each scaled and encoded as by {@link FeatureVectorPreprocessor}.
 *
 * <p>A body is a JSON list of numbers, of lists of numbers or of objects, a JSON object of lists,
 * or CSV. A request is one series, and its answer an object.
 *
 * <p>In YAML: {@code properties: {columns: "current, vibration", scalerFile: scaler.json}}.
 */
@Metadata(
        label = "bean",
        description =
                "Makes a tensor of the last rows of a series, as many as the model's input takes: of a"
                        + " JSON list of numbers, of lists of numbers or of objects, an object of"
                        + " lists, or CSV. Rows are scaled and encoded as by"
                        + " FeatureVectorPreprocessor. A request is one series.",
        excludeProperties = "itemErrors",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class WindowPreprocessor extends FeaturesPreprocessor {

    @Metadata(
            description =
                    "The number of rows in the window. Not set: as many as the model's input takes,"
                            + " all rows if that is open")
    private @Nullable Integer length;

    @Metadata(
            description =
                    "The minimum number of rows in a request. Not set: as many as the window has, 1 if"
                            + " shorter series are padded")
    private @Nullable Integer minLength;

    @Metadata(
            description =
                    "The number that fills the window before the first row of a shorter series, after"
                            + " scaling. Not set: shorter series are rejected")
    private @Nullable Double padding;

    /** {@return the number of rows in the window; null for as many as the model's input takes} */
    public @Nullable Integer getLength() {
        return length;
    }

    /**
     * Sets the number of rows in the window.
     *
     * @param length null for as many as the model's input takes, as by default
     * @throws PipelineFaultException below 1
     */
    public void setLength(@Nullable Integer length) {
        this.length = positive("length", length);
    }

    /**
     * {@return the minimum number of rows in a request; null for as many as the window has, or 1
     * with padding}
     */
    public @Nullable Integer getMinLength() {
        return minLength;
    }

    /**
     * Sets the minimum number of rows in a request.
     *
     * @param minLength null for as many as the window has, as by default, or 1 with padding
     * @throws PipelineFaultException below 1
     */
    public void setMinLength(@Nullable Integer minLength) {
        this.minLength = positive("minLength", minLength);
    }

    private static @Nullable Integer positive(String property, @Nullable Integer value) {
        if (value != null && value < 1) {
            throw PipelineFaultException.property(property, "1 or more", value);
        }
        return value;
    }

    /**
     * {@return the number that fills the window before the first row of a shorter series; null to
     * reject shorter series}
     */
    public @Nullable Double getPadding() {
        return padding;
    }

    /**
     * Sets the number that fills the window before the first row of a shorter series.
     *
     * @param padding null, as by default, to reject shorter series
     */
    public void setPadding(@Nullable Double padding) {
        this.padding = padding;
    }

    @Override
    long width(ModelTensor input) {
        return WindowShape.width(input);
    }

    @Override
    Shape shape(Features features, @Nullable ModelTensor input) {
        Shape made = WindowShape.of(length, features.width(), input);
        long steps = made.get(0);
        if (steps == Shape.UNKNOWN_SIZE && padding != null) {
            throw new PipelineFaultException(
                    "set length: padding is "
                            + padding
                            + ", but nothing says how long a window is");
        }
        if (steps != Shape.UNKNOWN_SIZE && minLength != null) {
            boolean fits = padding == null ? minLength >= steps : minLength <= steps;
            if (!fits) {
                throw new PipelineFaultException(
                        "minLength is "
                                + minLength
                                + ", but the window has "
                                + steps
                                + " rows and padding is "
                                + (padding == null ? "not set" : "set"));
            }
        }
        return made;
    }

    @Override
    long rows(Shape shape) {
        return Math.max(0, shape.get(0));
    }

    /** Rejects a policy for wrong items: a series is one item. */
    @Override
    public void setItemErrors(ItemErrors itemErrors) {
        throw new PipelineFaultException(
                "itemErrors can't be set: a request is one series, which a wrong row fails");
    }

    @Override
    RowsFormat rowsFormat() {
        return new RowsFormat(
                getWrapper(),
                TableLayout.ROWS,
                true,
                true,
                isHeader(),
                getMaxRows(),
                ItemErrors.FAIL);
    }

    @Override
    public Shape fixedShape() {
        Plan current = plan();
        return current == null || current.shape().hasUnknownDimension()
                ? Shape.unknown()
                : current.shape().prepend(1);
    }

    @Override
    TType tensor(Rows rows, Plan current, @Nullable FeatureVectors vectors) {
        long steps = current.shape().get(0);
        TensorBuffer elements =
                steps == Shape.UNKNOWN_SIZE
                        ? all(rows, current, vectors)
                        : last(rows, current, Math.toIntExact(steps), vectors);
        long[] shape = current.shape().asArray();
        shape[0] = elements.size() / current.features().width();
        return elements.build(Shape.of(shape).prepend(1));
    }

    private TensorBuffer all(Rows rows, Plan current, @Nullable FeatureVectors vectors) {
        VectorReader reader = new VectorReader(current, vectors);
        requireRows(rows.readAll(reader), minLength == null ? 1 : minLength);
        return reader.elements();
    }

    private TensorBuffer last(
            Rows rows, Plan current, int steps, @Nullable FeatureVectors vectors) {
        LastRows last = new LastRows(current.features(), steps);
        int least = minLength != null ? minLength : padding != null ? 1 : steps;
        requireRows(rows.readAll(last), least);
        double[] padded = new double[current.features().width()];
        Arrays.fill(padded, padding == null ? 0 : padding);
        TensorBuffer elements = new TensorBuffer(current.dtype());
        for (int i = 0; i < steps; i++) {
            double[] read = last.vector(i);
            double[] vector = read == null ? padded : read;
            add(rows, vector, current, elements);
            if (vectors != null) {
                vectors.add(vector);
            }
        }
        return elements;
    }

    private static void requireRows(int count, int least) {
        if (count < least) {
            throw new BadInputException(
                    "the series has "
                            + count
                            + (count == 1 ? " row" : " rows")
                            + ", expected at least "
                            + least);
        }
    }
}
