package io.bactrian.tensor;

import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/** String tensors as arrays of byte strings, where TensorFlow Java decodes them to text. */
public final class StringTensors {

    private StringTensors() {}

    /**
     * {@return a tensor that the caller must close}
     *
     * @param shape a known shape of as many elements as there are
     * @param elements in row-major order
     */
    public static TType of(Shape shape, byte[]... elements) {
        return TString.tensorOfBytes(shape, DataBuffers.of(elements, true, false));
    }

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
