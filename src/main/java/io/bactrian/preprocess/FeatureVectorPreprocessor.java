package io.bactrian.preprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.table.FeatureVectors;
import io.bactrian.preprocess.table.Features;
import io.bactrian.preprocess.table.Rows;
import io.bactrian.preprocess.table.RowsFormat;
import io.bactrian.preprocess.table.TableLayout;
import java.util.Arrays;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The preprocessor of rows for a model with one input [-1, features]: each row becomes a vector of
 * numbers, scaled and encoded as scikit-learn does it.
 *
 * <p>A body is a JSON object, a list of objects or of lists of numbers, CSV, or, in the layout
 * {@link TableLayout#COLUMNS}, a JSON object of lists.
 *
 * <p>In YAML: {@code properties: {columns: "age, income", scalerFile: scaler.json}}, or {@code
 * properties: {featuresFile: features.json}}.
 */
@Metadata(
        label = "bean",
        description =
                "Makes a tensor of feature vectors of a JSON object, a list of objects or of lists of"
                        + " numbers, an object of lists, or CSV: numbers in the order of columns,"
                        + " scaled as scikit-learn's scalers do it, or what a features file declares."
                        + " A list is answered by a list.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class FeatureVectorPreprocessor extends FeaturesPreprocessor {

    @Metadata(
            description =
                    "Whether a JSON table consists of rows, an object or a list of objects, of"
                            + " columns, an object with a list for each field, or of values: {\"fields\":"
                            + " […], \"values\": [[…], …]}, or a list of one such object")
    private TableLayout layout = TableLayout.ROWS;

    /** {@return what a JSON table consists of} */
    public TableLayout getLayout() {
        return layout;
    }

    /**
     * Sets what a JSON table consists of.
     *
     * @param layout {@link TableLayout#ROWS} by default
     */
    public void setLayout(TableLayout layout) {
        this.layout = layout;
    }

    @Override
    long width(ModelTensor input) {
        Shape shape = input.shape();
        if (shape.isUnknown() || shape.numDimensions() == 0) {
            return Shape.UNKNOWN_SIZE;
        }
        return shape.numDimensions() == 1 ? 1 : shape.get(shape.numDimensions() - 1);
    }

    @Override
    Shape shape(Features features, @Nullable ModelTensor input) {
        int width = features.width();
        if (input == null || input.shape().isUnknown()) {
            return Shape.of(width);
        }
        Shape shape = input.shape();
        long taken = width(input);
        boolean vector =
                shape.numDimensions() > 0 && (taken == width || taken == Shape.UNKNOWN_SIZE);
        // Such as [-1, 1, 8] of a recurrent layer that sees one step.
        for (int i = 1; i < shape.numDimensions() - 1; i++) {
            vector &= shape.get(i) == 1 || shape.get(i) == Shape.UNKNOWN_SIZE;
        }
        if (!vector) {
            throw new PipelineFaultException(
                    "makes "
                            + width
                            + (width == 1 ? " element" : " elements")
                            + " of a row, but "
                            + input);
        }
        long[] row = new long[shape.numDimensions() - 1];
        Arrays.fill(row, 1);
        if (row.length > 0) {
            row[row.length - 1] = width;
        }
        return Shape.of(row);
    }

    @Override
    long rows(Shape shape) {
        return 0;
    }

    @Override
    RowsFormat rowsFormat() {
        return new RowsFormat(
                getWrapper(), layout, true, false, isHeader(), getMaxRows(), getItemErrors());
    }

    @Override
    public Shape fixedShape() {
        Plan current = plan();
        return current == null ? Shape.unknown() : current.shape().prepend(1);
    }

    @Override
    TType tensor(Rows rows, Plan current, @Nullable FeatureVectors vectors) {
        VectorReader reader = new VectorReader(current, vectors);
        int count = rows.readAll(reader);
        return reader.elements().build(current.shape().prepend(count));
    }
}
