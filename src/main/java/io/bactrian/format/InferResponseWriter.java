package io.bactrian.format;

import io.bactrian.pipeline.NotAcceptableException;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.Utf8;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The writer of answers of the Open Inference Protocol. Data in JSON are flat; numbers are written
 * as in TensorFlow Serving's JSON: the shortest decimals that read back as the same value, and NaN,
 * Infinity and -Infinity.
 */
public final class InferResponseWriter {

    private final JsonWriter json = new JsonWriter();
    private final List<ByteBuffer> binary = new ArrayList<>();
    private long binaryLength;

    private InferResponseWriter() {}

    /**
     * {@return the answer}
     *
     * @param model the model's name
     * @param version the model's version
     * @param request what is answered
     * @param outputs the model's outputs by name, of which the request takes some or all; they are
     *     not closed
     * @throws NotAcceptableException if a string that is no text is to be written as JSON, or the
     *     answer is larger than 2 GiB
     */
    public static InferResponse write(
            String model, String version, InferRequest request, Map<String, TType> outputs) {
        return new InferResponseWriter().response(model, version, request, outputs);
    }

    private InferResponse response(
            String model, String version, InferRequest request, Map<String, TType> outputs) {
        json.raw("{\"model_name\":");
        json.string(model);
        json.raw(",\"model_version\":");
        json.string(version);
        String id = request.id();
        if (id != null) {
            json.raw(",\"id\":");
            json.string(id);
        }
        json.raw(",\"outputs\":");
        char separator = '[';
        for (InferRequest.Output output : selected(request, outputs)) {
            json.raw(separator);
            separator = ',';
            Boolean own = output.binary();
            writeOutput(
                    output.name(),
                    Objects.requireNonNull(outputs.get(output.name())),
                    own == null ? request.binaryOutputs() : own);
        }
        json.raw("]}");
        return assemble();
    }

    private static List<InferRequest.Output> selected(
            InferRequest request, Map<String, TType> outputs) {
        return request.outputs().isEmpty()
                ? outputs.keySet().stream()
                        .map(name -> new InferRequest.Output(name, null))
                        .toList()
                : request.outputs();
    }

    private void writeOutput(String name, TType tensor, boolean isBinary) {
        json.raw("{\"name\":");
        json.string(name);
        json.raw(
                ",\"datatype\":\"" + InferenceDatatype.nameOf(tensor.dataType()) + "\",\"shape\":");
        writeShape(tensor.shape());
        if (isBinary) {
            ByteBuffer data = RawTensors.of(tensor);
            binary.add(data);
            binaryLength += data.remaining();
            json.raw(",\"parameters\":{\"binary_data_size\":" + data.remaining() + "}}");
        } else {
            json.raw(",\"data\":");
            writeData(name, tensor);
            json.raw('}');
        }
    }

    private void writeShape(Shape shape) {
        json.raw('[');
        for (int i = 0; i < shape.numDimensions(); i++) {
            if (i > 0) {
                json.raw(',');
            }
            json.number(shape.get(i));
        }
        json.raw(']');
    }

    private void writeData(String name, TType tensor) {
        JsonElements elements = new JsonElements(tensor, json, text -> writeText(name, text));
        int size = Math.toIntExact(tensor.shape().size());
        json.raw('[');
        for (int i = 0; i < size; i++) {
            if (i > 0) {
                json.raw(',');
            }
            elements.write(i);
        }
        json.raw(']');
    }

    private void writeText(String name, byte[] text) {
        if (!Utf8.isValid(text)) {
            throw new NotAcceptableException(
                    "output \""
                            + name
                            + "\" has an element that is not UTF-8, which JSON can't hold: ask for"
                            + " it with the parameter \"binary_data\": true");
        }
        json.string(text);
    }

    private InferResponse assemble() {
        byte[] header = json.toBytes();
        if (binary.isEmpty()) {
            return new InferResponse(header, header.length, false);
        }
        if (binaryLength > TensorBuffer.MAX_BYTES - header.length) {
            throw new NotAcceptableException("an answer of more than 2 GiB");
        }
        byte[] body = new byte[header.length + (int) binaryLength];
        ByteBuffer all = ByteBuffer.wrap(body).put(header);
        binary.forEach(all::put);
        return new InferResponse(body, header.length, true);
    }
}
