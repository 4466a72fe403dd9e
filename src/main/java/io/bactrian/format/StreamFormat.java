package io.bactrian.format;

import io.bactrian.pipeline.BodyText;
import io.bactrian.tensor.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * A wire format that reads a body piece by piece from a stream, such as records one after the
 * other. A body that is a stream or a file is not read into memory first.
 */
public abstract non-sealed class StreamFormat extends WireFormat {

    /**
     * Creates a format.
     *
     * @param name the name of the data format, as routes have it
     * @param mediaType the media type of requests and answers, without parameters
     */
    protected StreamFormat(String name, String mediaType) {
        super(name, mediaType);
    }

    /**
     * {@return a request, whose tensors the caller must close}
     *
     * @param body the body; in UTF-8 if it is {@linkplain #isText text}. The caller closes it
     * @param inputsOf maps a signature's name, or null for the default signature, to its inputs by
     *     name; for an unknown signature it throws the error to report
     * @param memory where to reserve memory, with a larger total as more of the body is read
     * @throws io.bactrian.tensor.BadInputException if the body is not a valid request
     * @throws IOException if the body can't be read
     */
    protected abstract PredictRequest read(
            InputStream body,
            Function<@Nullable String, Map<String, TensorSpec>> inputsOf,
            ReadingMemory memory)
            throws IOException;

    @Override
    final PredictRequest read(
            Exchange exchange,
            @Nullable Object body,
            Function<@Nullable String, Map<String, TensorSpec>> inputsOf,
            ReadingMemory memory)
            throws IOException {
        try (InputStream stream =
                isText() ? BodyText.utf8Stream(exchange, body) : BodyText.stream(exchange, body)) {
            return read(stream, inputsOf, memory);
        }
    }
}
