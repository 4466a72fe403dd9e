package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NumericElements;
import io.bactrian.tensor.TensorSpec;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * An output of a model in answer to a request.
 *
 * @param name its name in the signature
 * @param shape its shape
 * @param numbers its elements, to be read as long as the reference to the outputs is open
 */
public record ModelOutput(String name, Shape shape, NumericElements numbers) {

    /**
     * {@return one of the outputs}
     *
     * @param name its name, or null for the only one
     * @throws PipelineFaultException if there is none of that name, several and no name, or it
     *     holds strings
     */
    static ModelOutput of(NamedTensors.Reference outputs, @Nullable String name) {
        if (name == null && outputs.size() != 1) {
            throw new PipelineFaultException("set output: the model gave " + outputs.names());
        }
        String wanted = name == null ? outputs.names().iterator().next() : name;
        TType tensor = outputs.get(wanted);
        if (tensor == null) {
            throw new PipelineFaultException(
                    "there is no output \"" + wanted + "\": the model gave " + outputs.names());
        }
        if (DType.of(tensor) == DType.STRING) {
            throw new PipelineFaultException(
                    "output \""
                            + wanted
                            + "\" is string "
                            + TensorSpec.format(tensor.shape())
                            + ", expected numbers");
        }
        return new ModelOutput(wanted, tensor.shape(), NumericElements.of(tensor));
    }

    /** {@return such as {@code output "scores" is float32 [1, 5]}} */
    @Override
    public String toString() {
        return "output \"" + name + "\" is " + numbers.dtype() + " " + TensorSpec.format(shape);
    }
}
