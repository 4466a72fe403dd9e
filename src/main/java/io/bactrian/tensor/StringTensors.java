package io.bactrian.tensor;

import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/** The elements of string tensors, which TensorFlow Java hands out as decoded text by default. */
public final class StringTensors {

    private StringTensors() {}

    /**
     * {@return a copy of its elements' bytes in row-major order}
     *
     * @param tensor of {@link DType#STRING}
     */
    public static byte[][] bytes(TType tensor) {
        byte[][] elements = new byte[Math.toIntExact(tensor.shape().size())][];
        if (elements.length > 0) {
            ((TString) tensor).asBytes().copyTo(DataBuffers.of(elements, false, false));
        }
        return elements;
    }
}
