package io.bactrian.preprocess;

import io.bactrian.preprocess.table.RowReader;
import io.bactrian.preprocess.table.Rows;
import io.bactrian.tensor.TensorBuffer;

/** A reader of rows into the elements of one tensor: the vectors of all rows in their order. */
final class VectorReader implements RowReader {

    private final FeaturesPreprocessor.Plan plan;
    private final TensorBuffer elements;
    private final double[] vector;
    private int end;

    VectorReader(FeaturesPreprocessor.Plan plan) {
        this.plan = plan;
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
    }

    @Override
    public void undo() {
        elements.truncate(end);
    }
}
