package io.bactrian.format;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorSpec;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * The data format {@code json-lines}: JSON documents one after the other, usually one a line. Each
 * is a row as in the {@code "instances"} of TensorFlow Serving's JSON, and each row of the outputs
 * is a line of the answer. A body of one document that is a predict request itself, with {@code
 * "instances"} or {@code "inputs"}, is read as one.
 */
public class JsonLinesFormat extends BytesFormat {

    private static final byte[] START = "{\"instances\":[".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "]}".getBytes(StandardCharsets.US_ASCII);

    /** A string as a tensor's element, beside its bytes. */
    private static final long STRING_BYTES = 96;

    /** Creates a data format, as Camel does for each step that uses it. */
    public JsonLinesFormat() {
        this("json-lines", "application/jsonlines");
    }

    JsonLinesFormat(String name, String mediaType) {
        super(name, mediaType);
    }

    @Override
    protected final boolean isText() {
        return true;
    }

    @Override
    protected final long readingBytes(byte[] body, Map<String, TensorSpec> inputs) {
        // The documents are copied into one.
        long copy = 2L * (body.length + START.length + END.length);
        long tensor = 0;
        for (TensorSpec spec : inputs.values()) {
            long strings = spec.dtype() == DType.STRING ? STRING_BYTES * strings(body) : 0;
            tensor =
                    Math.max(
                            tensor,
                            strings + JsonMemory.bytesAsTensor(body, 0, body.length, spec.dtype()));
        }
        return copy + tensor;
    }

    /** {@return the most strings that the documents have, which need no commas between them} */
    private static long strings(byte[] body) {
        long quotes = 0;
        for (byte b : body) {
            if (b == '"') {
                quotes++;
            }
        }
        return quotes / 2;
    }

    @Override
    protected final PredictRequest read(
            byte[] body, Function<@Nullable String, Map<String, TensorSpec>> inputsOf) {
        return PredictRequestReader.read(request(body), Dialect.BACTRIAN, inputsOf);
    }

    /** {@return a predict request whose instances are the documents} */
    private static byte[] request(byte[] body) {
        ByteArrayOutputStream request = new ByteArrayOutputStream(body.length + START.length + 2);
        request.writeBytes(START);
        JsonScanner json = new JsonScanner(body, Dialect.BACTRIAN);
        int count = 0;
        for (int first = json.peek(); first != JsonScanner.END; first = json.peek()) {
            int start = json.position();
            if (count == 0 && first == '{' && isRequest(body, start)) {
                return body;
            }
            try {
                json.skipValue();
            } catch (BadInputException e) {
                throw new BadInputException("record " + count + ": " + e.getMessage());
            }
            if (count > 0) {
                request.write(',');
            }
            request.write(body, start, json.position() - start);
            count++;
        }
        if (count == 0) {
            throw new BadInputException("the body has no records: expected JSON, one a line");
        }
        request.writeBytes(END);
        return request.toByteArray();
    }

    /** {@return whether the document at {@code start} has a member of a predict request} */
    private static boolean isRequest(byte[] body, int start) {
        JsonScanner json = new JsonScanner(body, start, body.length - start, Dialect.BACTRIAN);
        json.peek();
        try {
            if (!json.enter()) {
                return false;
            }
            do {
                String name = json.name();
                if (name.equals("instances") || name.equals("inputs")) {
                    return true;
                }
                json.peek();
                json.skipValue();
            } while (json.nextMember());
        } catch (BadInputException e) {
            // It is reported with the number of its record when it is read.
            return false;
        }
        return false;
    }

    @Override
    protected final byte[] write(Map<String, TType> outputs, PredictLayout layout) {
        return PredictResponseWriter.writeLines(outputs);
    }
}
