package io.bactrian.format;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.NumericElements;
import io.bactrian.tensor.StringTensors;
import io.bactrian.tensor.Utf8;
import java.nio.charset.StandardCharsets;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The writer of a tensor of rank 1 or 2 as CSV (RFC 4180) without a header: a line for each row,
 * which ends with a line feed. Floats are the shortest decimals that read back as the same value;
 * NaN and infinities are NaN, Infinity and -Infinity. Strings are quoted where they must be.
 */
final class CsvWriter {

    private final JsonWriter csv = new JsonWriter();
    private final DType dtype;
    private final TType tensor;

    private CsvWriter(TType tensor) {
        this.tensor = tensor;
        this.dtype = DType.of(tensor);
    }

    /**
     * {@return the text in UTF-8}
     *
     * @param tensor stays the caller's to close
     * @throws IllegalArgumentException for a tensor that CSV can't hold, as its message says: of
     *     another rank, with rows of no values, or with a string that is not UTF-8
     */
    static byte[] write(TType tensor) {
        return new CsvWriter(tensor).write();
    }

    private byte[] write() {
        Shape shape = tensor.shape();
        if (shape.numDimensions() < 1 || shape.numDimensions() > 2) {
            throw new IllegalArgumentException("a tensor of rank " + shape.numDimensions());
        }
        int rows = (int) shape.get(0);
        int columns = shape.numDimensions() == 1 ? 1 : (int) shape.get(1);
        if (columns == 0) {
            throw new IllegalArgumentException("rows of no values");
        }
        NumericElements numbers = dtype == DType.STRING ? null : NumericElements.of(tensor);
        byte[][] strings = dtype == DType.STRING ? StringTensors.bytes(tensor) : new byte[0][];
        for (int i = 0; i < rows * columns; i++) {
            if (numbers == null) {
                string(strings[i]);
            } else {
                number(numbers, i);
            }
            csv.raw((i + 1) % columns == 0 ? '\n' : ',');
        }
        return csv.toBytes();
    }

    private void number(NumericElements numbers, int index) {
        switch (dtype) {
            case FLOAT16, BFLOAT16, FLOAT32 -> csv.number(numbers.getFloat(index));
            case FLOAT64 -> csv.number(numbers.get(index));
            case BOOL -> csv.raw(numbers.getLong(index) != 0 ? "true" : "false");
            case UINT8, UINT16, INT32, INT64 -> csv.number(numbers.getLong(index));
            case STRING -> throw new IllegalStateException("strings are no numbers");
        }
    }

    private void string(byte[] value) {
        if (!Utf8.isValid(value)) {
            throw new IllegalArgumentException("a string that is not UTF-8");
        }
        String text = new String(value, StandardCharsets.UTF_8);
        // An empty line would be skipped, and some readers strip white space that is not in quotes.
        boolean plain =
                !text.isEmpty()
                        && text.equals(text.strip())
                        && text.chars()
                                .noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        String field = plain ? text : '"' + text.replace("\"", "\"\"") + '"';
        csv.raw(field.getBytes(StandardCharsets.UTF_8));
    }
}
