package io.bactrian.format;

import io.bactrian.pipeline.NotAcceptableException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * The data format {@code csv-tensors}: CSV (RFC 4180) without a header, for a model's only input
 * and its only output. {@link CsvReader} and {@link CsvWriter} have its rules.
 */
public final class CsvFormat extends BytesFormat {

    /** A field's string, and its place in a record. */
    private static final long FIELD_BYTES = 96;

    /** A text in UTF-16, and the copies that are made of a field. */
    private static final long BYTES_PER_CHARACTER = 6;

    /** Creates a data format, as Camel does for each step that uses it. */
    public CsvFormat() {
        super("csv-tensors", "text/csv");
    }

    @Override
    protected boolean isText() {
        return true;
    }

    @Override
    protected long readingBytes(byte[] body, Map<String, TensorSpec> inputs) {
        long fields = 1;
        for (byte b : body) {
            if (b == ',' || b == '\n' || b == '\r') {
                fields++;
            }
        }
        long element = 0;
        for (TensorSpec spec : inputs.values()) {
            boolean isString = spec.dtype() == DType.STRING;
            element = Math.max(element, isString ? FIELD_BYTES : 4L * spec.dtype().byteSize());
        }
        return fields * (FIELD_BYTES + element) + BYTES_PER_CHARACTER * body.length;
    }

    @Override
    protected PredictRequest read(
            byte[] body, Function<@Nullable String, Map<String, TensorSpec>> inputsOf) {
        Map<String, TensorSpec> inputs = inputsOf.apply(null);
        if (inputs.size() != 1) {
            throw new BadInputException(
                    mediaType()
                            + " is for a model with one input, this one has "
                            + inputs.keySet()
                            + ": send "
                            + TensorFlowJsonFormat.MEDIA_TYPE);
        }
        TensorSpec input = inputs.values().iterator().next();
        TType tensor = CsvReader.read(body, input);
        return new PredictRequest(
                null, PredictLayout.ROW, NamedTensors.of(NamedTensors.UNNAMED, tensor));
    }

    @Override
    protected byte[] write(Map<String, TType> outputs, PredictLayout layout) {
        if (outputs.size() != 1) {
            throw cannotHold("several outputs, " + outputs.keySet());
        }
        try {
            return CsvWriter.write(outputs.values().iterator().next());
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
