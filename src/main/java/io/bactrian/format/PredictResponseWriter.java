package io.bactrian.format;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The writer of TensorFlow Serving's answer to a predict request, but compact: {@code
 * {"predictions": […]}} by rows, {@code {"outputs": …}} by columns. With one output its name is
 * left out; with several, each row, or the whole by columns, is an object.
 *
 * <p>float32 and float64 are written as the shortest decimals that read back as the same value,
 * float16 and bfloat16 as the float32 they are; NaN and infinities as the bare tokens NaN, Infinity
 * and -Infinity.
 *
 * <p>A string output whose name ends with {@code _bytes} is {@code {"b64": "…"}}. So is, in any
 * other, an element that is not UTF-8: TensorFlow Serving writes its bytes as they are, which JSON
 * parsers may reject; to replace malformed bytes would corrupt the value silently. Everything else
 * is a JSON string.
 */
public final class PredictResponseWriter {

    private static final String BYTES_SUFFIX = "_bytes";

    private final JsonWriter json = new JsonWriter();
    private final List<Output> outputs = new ArrayList<>();

    private PredictResponseWriter(Map<String, TType> tensors) {
        tensors.forEach((name, tensor) -> outputs.add(new Output(name, tensor)));
    }

    /**
     * {@return the response, JSON in UTF-8}
     *
     * @param outputs the outputs by name, at least one; they are not closed
     * @param layout the layout of the request
     * @throws BadInputException in row layout, if an output is a scalar or the outputs' first
     *     dimensions differ; requests for such a signature must have column layout
     */
    public static byte[] write(Map<String, TType> outputs, PredictLayout layout) {
        if (outputs.size() == 0) {
            throw new BadInputException("Cannot convert empty tensor map to JSON");
        }
        PredictResponseWriter writer = new PredictResponseWriter(outputs);
        switch (layout) {
            case ROW -> writer.writeRows();
            case COLUMN -> writer.writeColumns();
        }
        return writer.json.toBytes();
    }

    /**
     * {@return the rows of the outputs, a line of JSON each}
     *
     * @param outputs the outputs by name, at least one; they are not closed
     * @throws BadInputException if an output is a scalar or the outputs' first dimensions differ
     */
    static byte[] writeLines(Map<String, TType> outputs) {
        PredictResponseWriter writer = new PredictResponseWriter(outputs);
        long rows = writer.rows();
        for (int row = 0; row < rows; row++) {
            writer.writePart(1, row);
            writer.json.raw('\n');
        }
        return writer.json.toBytes();
    }

    private void writeColumns() {
        json.raw("{\"outputs\":");
        writePart(0, 0);
        json.raw('}');
    }

    private void writeRows() {
        long rows = rows();
        json.raw("{\"predictions\":[");
        for (int row = 0; row < rows; row++) {
            if (row > 0) {
                json.raw(',');
            }
            writePart(1, row);
        }
        json.raw("]}");
    }

    private long rows() {
        long rows = -1;
        for (Output output : outputs) {
            if (output.shape.numDimensions() == 0) {
                throw new BadInputException(
                        "Tensor name: " + output.name + " has no shape information ");
            }
            if (rows != -1 && rows != output.shape.get(0)) {
                throw new BadInputException(
                        "Tensor name: "
                                + output.name
                                + " has inconsistent batch size: "
                                + output.shape.get(0)
                                + " expecting: "
                                + rows);
            }
            rows = output.shape.get(0);
        }
        return rows;
    }

    /**
     * Writes each output's {@code index}-th part of those its first {@code level} dimensions make.
     */
    private void writePart(int level, int index) {
        if (outputs.size() == 1) {
            outputs.get(0).write(level, index);
            return;
        }
        char separator = '{';
        for (Output output : outputs) {
            json.raw(separator);
            json.string(output.name);
            json.raw(':');
            output.write(level, index);
            separator = ',';
        }
        json.raw('}');
    }

    private final class Output {

        private final String name;
        private final Shape shape;
        private final JsonElements elements;

        Output(String name, TType tensor) {
            this.name = name;
            this.shape = tensor.shape();
            this.elements = new JsonElements(tensor, json, this::writeString);
        }

        void write(int level, int index) {
            if (level == shape.numDimensions()) {
                elements.write(index);
                return;
            }
            json.raw('[');
            int size = (int) shape.get(level);
            boolean innermost = level == shape.numDimensions() - 1;
            for (int i = 0; i < size; i++) {
                if (i > 0) {
                    json.raw(',');
                }
                if (innermost) {
                    elements.write(index * size + i);
                } else {
                    write(level + 1, index * size + i);
                }
            }
            json.raw(']');
        }

        private void writeString(byte[] value) {
            if (name.endsWith(BYTES_SUFFIX) || !Utf8.isValid(value)) {
                json.base64(value);
            } else {
                json.string(value);
            }
        }
    }
}
