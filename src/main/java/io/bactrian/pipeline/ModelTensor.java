package io.bactrian.pipeline;

import io.bactrian.tensor.TensorSpec;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

/**
 * An input or output of a model, as the model's signature declares it.
 *
 * @param side the inputs or outputs that it is one of
 * @param spec its name, dtype and shape
 */
public record ModelTensor(SignatureTensors side, TensorSpec spec) {

    /** {@return its dtype, which TensorFlow Java may lack} */
    public DataType dataType() {
        return spec.dataType();
    }

    /** {@return its shape, in which -1 is any size; {@link Shape#unknown()} without a rank} */
    public Shape shape() {
        return spec.shape();
    }

    /**
     * {@return for messages, such as {@code input "x" of signature "serving_default" of model "m"
     * is float32 [-1, 96, 96, 3]}}
     */
    @Override
    public String toString() {
        return name() + " is " + spec.describe();
    }

    /**
     * {@return for messages, such as {@code input "x" of signature "serving_default" of model "m"}}
     */
    public String name() {
        return side.kind() + " \"" + spec.name() + "\" of " + side.owner();
    }
}
