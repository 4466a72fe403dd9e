package io.bactrian.format;

import io.bactrian.pipeline.BodyText;
import io.bactrian.tensor.TensorSpec;
import java.util.Map;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** A wire format that reads a body as one array of bytes. */
public abstract non-sealed class BytesFormat extends WireFormat {

    /**
     * Creates a format.
     *
     * @param name the name of the data format, as routes have it
     * @param mediaType the media type of requests and answers, without parameters
     */
    protected BytesFormat(String name, String mediaType) {
        super(name, mediaType);
    }

    /**
     * {@return the maximum number of bytes that reading a body allocates, including the tensors}
     *
     * @param body the whole body
     * @param inputs the inputs to be read by name; empty if they are not known yet
     */
    protected abstract long readingBytes(byte[] body, Map<String, TensorSpec> inputs);

    /**
     * {@return a request, whose tensors the caller must close}
     *
     * @param body the whole body; in UTF-8 if it is {@linkplain #isText text}
     * @param inputsOf maps a signature's name, or null for the default signature, to its inputs by
     *     name; for an unknown signature it throws the error to report
     * @throws io.bactrian.tensor.BadInputException if the body is not a valid request
     */
    protected abstract PredictRequest read(
            byte[] body, Function<@Nullable String, Map<String, TensorSpec>> inputsOf);

    @Override
    final PredictRequest read(
            Exchange exchange,
            @Nullable Object body,
            Function<@Nullable String, Map<String, TensorSpec>> inputsOf,
            ReadingMemory memory) {
        byte[] bytes = isText() ? BodyText.utf8(exchange, body) : BodyText.bytes(exchange, body);
        memory.reserve(readingBytes(bytes, Map.of()));
        return read(
                bytes,
                signature -> {
                    Map<String, TensorSpec> inputs = inputsOf.apply(signature);
                    memory.reserve(readingBytes(bytes, inputs));
                    return inputs;
                });
    }
}
