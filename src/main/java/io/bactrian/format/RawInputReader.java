package io.bactrian.format;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The reader of requests of the Open Inference Protocol without JSON: the body is the binary data
 * of the model's only input. The size of the shape's only unknown dimension is that of the data; of
 * strings the body is the one element. All outputs are to be answered as binary data.
 */
public final class RawInputReader {

    private RawInputReader() {}

    /**
     * {@return the request, whose tensor the caller must close}
     *
     * @param body the data
     * @param inputs the inputs of the default signature
     * @param reserve called with what reading the request allocates, before it is allocated
     * @throws BadInputException if there are several inputs, or no shape fits the data
     */
    public static InferRequest read(
            byte[] body, Map<String, TensorSpec> inputs, LongConsumer reserve) {
        if (inputs.size() != 1) {
            throw new BadInputException(
                    "a body without JSON is for models of one input: there are " + inputs.keySet());
        }
        TensorSpec spec = inputs.values().iterator().next();
        reserve.accept(RawTensors.readingBytes(spec.dtype(), body.length));
        return new InferRequest(
                null, null, NamedTensors.of(spec.name(), tensor(body, spec)), List.of(), true);
    }

    private static TType tensor(byte[] body, TensorSpec spec) {
        String where = "input \"" + spec.name() + "\"";
        if (spec.dtype() == DType.STRING) {
            TensorBuffer element = new TensorBuffer(DType.STRING);
            element.addString(body);
            return element.build(shape(spec, 1, where + ": 1 element"));
        }
        Shape shape = shape(spec, body.length, where + ": " + body.length + " bytes");
        return RawTensors.read(spec.dtype(), shape, ByteBuffer.wrap(body), where);
    }

    /**
     * @param size of the data: in bytes, or elements if they are strings
     * @param data what they are, for the error
     */
    private static Shape shape(TensorSpec spec, long size, String data) {
        Shape declared = spec.shape();
        boolean fits = !declared.isUnknown();
        long row = Math.max(1, spec.dtype().byteSize());
        int open = -1;
        for (int i = 0; fits && i < declared.numDimensions(); i++) {
            if (declared.get(i) != Shape.UNKNOWN_SIZE) {
                row *= Math.max(1, declared.get(i));
            } else {
                fits = open < 0;
                open = i;
            }
        }
        if (!fits || (open < 0 ? size != row : size % row != 0)) {
            throw new BadInputException(
                    data
                            + " without JSON do not say which shape they have: it takes "
                            + spec.describe());
        }
        long[] sizes = declared.asArray().clone();
        if (open >= 0) {
            sizes[open] = size / row;
        }
        return Shape.of(sizes);
    }
}
