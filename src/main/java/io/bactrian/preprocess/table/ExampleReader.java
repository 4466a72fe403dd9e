package io.bactrian.preprocess.table;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorBuffer;
import java.util.List;
import org.tensorflow.proto.Example;

/** A reader of rows that makes a serialized {@code tf.train.Example} of each. */
public final class ExampleReader implements RowReader {

    private final List<ExampleFeature> features;
    private final boolean required;
    private final TensorBuffer strings = new TensorBuffer(DType.STRING);

    /**
     * Creates a reader without rows.
     *
     * @param features the features of each Example
     * @param required whether a row must have all fields
     */
    public ExampleReader(List<ExampleFeature> features, boolean required) {
        this.features = features;
        this.required = required;
    }

    @Override
    public void read(Rows rows) {
        Example.Builder example = Example.newBuilder();
        for (ExampleFeature feature : features) {
            if (rows.has(feature.field())) {
                example.getFeaturesBuilder().putFeature(feature.name(), feature.of(rows));
            } else if (required) {
                throw rows.missing(feature.field());
            }
        }
        strings.addString(example.build().toByteArray());
    }

    /** Does nothing: a row's Example is added once all of it is read. */
    @Override
    public void undo() {}

    /** {@return the Examples of the rows read so far} */
    public TensorBuffer strings() {
        return strings;
    }
}
