package io.bactrian.format;

import io.bactrian.tensor.TensorSpec;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * The data format {@code tensorflow-json}: TensorFlow Serving's predict requests and answers in
 * JSON, in row and column layout. {@link PredictRequestReader} and {@link PredictResponseWriter}
 * have its rules.
 */
public final class TensorFlowJsonFormat extends BytesFormat {

    static final String MEDIA_TYPE = "application/json";

    /** Creates a data format, as Camel does for each step that uses it. */
    public TensorFlowJsonFormat() {
        super("tensorflow-json", MEDIA_TYPE);
    }

    @Override
    protected boolean isText() {
        return true;
    }

    @Override
    protected long readingBytes(byte[] body, Map<String, TensorSpec> inputs) {
        long bytes = 0;
        for (TensorSpec spec : inputs.values()) {
            bytes = Math.max(bytes, JsonMemory.bytesAsTensor(body, 0, body.length, spec.dtype()));
        }
        return bytes;
    }

    @Override
    protected PredictRequest read(
            byte[] body, Function<@Nullable String, Map<String, TensorSpec>> inputsOf) {
        return PredictRequestReader.read(body, Dialect.BACTRIAN, inputsOf);
    }

    @Override
    protected byte[] write(Map<String, TType> outputs, PredictLayout layout) {
        return PredictResponseWriter.write(outputs, layout);
    }
}
