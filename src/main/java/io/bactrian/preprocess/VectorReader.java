package io.bactrian.preprocess;

import io.bactrian.preprocess.table.FeatureVectors;
import io.bactrian.preprocess.table.RowReader;
import io.bactrian.preprocess.table.Rows;
import io.bactrian.tensor.TensorBuffer;
import org.jspecify.annotations.Nullable;

/** A reader of rows into the elements of one tensor: the vectors of all rows in their order. */
final class VectorReader implements RowReader {

    private final FeaturesPreprocessor.Plan plan;
    private final TensorBuffer elements;
    private final double[] vector;
    private final @Nullable FeatureVectors vectors;
    private int end;

    /**
     * @param vectors where the vectors are added, too; null if they are not kept
     */
    VectorReader(FeaturesPreprocessor.Plan plan, @Nullable FeatureVectors vectors) {
        this.plan = plan;
        this.vectors = vectors;
        this.elements = new TensorBuffer(plan.dtype());
        this.vector = new double[plan.features().width()];
    }

    /** {@return the elements of the rows read so far} */
    TensorBuffer elements() {
        return elements;
    }

    @Override
    public void read(Rows rows) {
        plan.features().put(rows, vector);
        FeaturesPreprocessor.add(rows, vector, plan, elements);
        end = elements.size();
        if (vectors != null) {
            vectors.add(vector);
        }
    }

    @Override
    public void undo() {
        elements.truncate(end);
    }
}
