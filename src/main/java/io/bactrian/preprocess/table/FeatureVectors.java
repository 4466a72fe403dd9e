package io.bactrian.preprocess.table;

import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.DType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The feature vectors of a request's rows as the model takes them, kept in the exchange property
 * {@link PipelineConstants#ROWS} for steps after the model.
 */
public final class FeatureVectors {

    private final Features features;
    private final DType dtype;
    private final List<double[]> vectors = new ArrayList<>();

    /**
     * Creates a list without vectors.
     *
     * @param features what the vectors consist of
     * @param dtype the dtype of the model's input
     */
    public FeatureVectors(Features features, DType dtype) {
        this.features = features;
        this.dtype = dtype;
    }

    /**
     * Adds a copy of a vector, rounded to float32 if that is what the model takes.
     *
     * @param vector the elements of one row
     */
    public void add(double[] vector) {
        double[] kept = vector.clone();
        for (int i = 0; dtype == DType.FLOAT32 && i < kept.length; i++) {
            kept[i] = (float) kept[i];
        }
        vectors.add(kept);
    }

    /**
     * Keeps them for later steps.
     *
     * @param exchange the exchange of the request
     */
    public void keep(Exchange exchange) {
        exchange.setProperty(PipelineConstants.ROWS, this);
    }

    /**
     * {@return the vectors that a preprocessor has kept}
     *
     * @param exchange the exchange of the request
     * @throws PipelineFaultException if none has
     */
    public static FeatureVectors of(Exchange exchange) {
        FeatureVectors kept =
                exchange.getProperty(PipelineConstants.ROWS, null, FeatureVectors.class);
        if (kept == null) {
            throw new PipelineFaultException(
                    "there are no rows: set keepRows: true in the preprocessor before the model");
        }
        return kept;
    }

    /** {@return the number of vectors} */
    public int size() {
        return vectors.size();
    }

    /** {@return the number of elements in each vector} */
    public int width() {
        return features.width();
    }

    /**
     * {@return an element}
     *
     * @param index its index in all vectors, one behind the other
     */
    public double get(int index) {
        return vectors.get(index / width())[index % width()];
    }

    /**
     * {@return the indices of a row's categories in the vector's part for a multi-hot feature}
     *
     * @param row which row
     * @param field the feature's field; null for the only multi-hot feature
     * @throws PipelineFaultException if there is none, or several and no field
     */
    public BitSet categories(int row, @Nullable String field) {
        Features.Part part = features.multiHot(field);
        double[] vector = vectors.get(row);
        BitSet categories = new BitSet(part.width());
        for (int i = 0; i < part.width(); i++) {
            categories.set(i, vector[part.start() + i] != 0);
        }
        return categories;
    }
}
