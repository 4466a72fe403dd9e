package io.bactrian.format;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorSpec;
import java.util.Map;
import java.util.function.Function;
import org.tensorflow.types.family.TType;

/**
 * The data format {@code tensorflow-json}: TensorFlow Serving's predict requests and answers in
 * JSON, in row and column layout. {@link PredictRequestReader} and {@link PredictResponseWriter}
 * have its rules.
 */
public final class TensorFlowJsonFormat extends WireFormat {

    /** A string in a list, as a tensor and on the way there. */
    private static final int STRING_BYTES = 96;

    /** An array that grows is copied to a larger one. */
    private static final int GROWTH = 3;

    public TensorFlowJsonFormat() {
        super("tensorflow-json", "application/json");
    }

    @Override
    protected boolean isText() {
        return true;
    }

    /** The smallest element takes two characters, a digit and a comma. */
    @Override
    protected long readingBytes(byte[] body, Map<String, TensorSpec> inputs) {
        long elementBytes = 0;
        boolean strings = false;
        for (TensorSpec spec : inputs.values()) {
            if (spec.dataType() == DType.STRING.dataType()) {
                strings = true;
            } else {
                elementBytes = Math.max(elementBytes, spec.dtype().byteSize());
            }
        }
        long numbers = (body.length + 1L) / 2 * elementBytes * GROWTH / 2;
        return Math.max(numbers, strings ? stringsBytes(body) : 0);
    }

    private static long stringsBytes(byte[] body) {
        long values = 1;
        for (byte each : body) {
            if (each == ',') {
                values++;
            }
        }
        return values * STRING_BYTES + GROWTH * (long) body.length;
    }

    @Override
    protected PredictRequest read(byte[] body, Function<String, Map<String, TensorSpec>> inputsOf) {
        return PredictRequestReader.read(body, Dialect.BACTRIAN, inputsOf);
    }

    @Override
    protected byte[] write(Map<String, TType> outputs, PredictLayout layout) {
        return PredictResponseWriter.write(outputs, layout);
    }
}
