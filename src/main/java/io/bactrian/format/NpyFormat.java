package io.bactrian.format;

import io.bactrian.pipeline.NotAcceptableException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * The data format {@code npy}: numpy's .npy file, for a model's only input and its only output.
 * {@link NpyReader} and {@link NpyWriter} have its rules.
 */
public final class NpyFormat extends BytesFormat {

    /** Creates a data format, as Camel does for each step that uses it. */
    public NpyFormat() {
        super("npy", "application/x-npy");
    }

    @Override
    protected boolean isText() {
        return false;
    }

    @Override
    protected long readingBytes(byte[] body, Map<String, TensorSpec> inputs) {
        return NpyReader.readingBytes(body);
    }

    @Override
    protected PredictRequest read(
            byte[] body, Function<@Nullable String, Map<String, TensorSpec>> inputsOf) {
        NamedTensors tensors = NamedTensors.of(NamedTensors.UNNAMED, NpyReader.read(body));
        return new PredictRequest(null, PredictLayout.ROW, tensors);
    }

    @Override
    protected byte[] write(Map<String, TType> outputs, PredictLayout layout) {
        if (outputs.size() != 1) {
            throw cannotHold("several outputs, " + outputs.keySet());
        }
        try {
            return NpyWriter.write(outputs.values().iterator().next());
        } catch (IllegalArgumentException e) {
            throw cannotHold(String.valueOf(e.getMessage()));
        }
    }

    private NotAcceptableException cannotHold(String reason) {
        return new NotAcceptableException(
                mediaType()
                        + " can't hold "
                        + reason
                        + ": accept "
                        + TensorFlowJsonFormat.MEDIA_TYPE);
    }

    @Override
    public void bindInputs(List<SignatureTensors> inputs) {
        inputs.forEach(each -> each.only(null));
        super.bindInputs(inputs);
    }
}
