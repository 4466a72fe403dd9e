package io.bactrian.format;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.NumericElements;
import io.bactrian.tensor.StringTensors;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/** The elements of a tensor, to be written as JSON values. */
final class JsonElements {

    private final JsonWriter json;
    private final Consumer<byte[]> stringWriter;
    private final DType dtype;

    /** The numbers; null for strings. */
    private final @Nullable NumericElements numbers;

    /** The strings; null for numbers. */
    private final byte @Nullable [][] strings;

    /**
     * @param tensor must stay open while its elements are written
     * @param json where they are written to
     * @param stringWriter writes an element of a tensor of strings
     */
    JsonElements(TType tensor, JsonWriter json, Consumer<byte[]> stringWriter) {
        this.json = json;
        this.stringWriter = stringWriter;
        this.dtype = DType.of(tensor);
        this.numbers = dtype == DType.STRING ? null : NumericElements.of(tensor);
        this.strings = dtype == DType.STRING ? StringTensors.bytes(tensor) : null;
    }

    /** Writes the element of an index in row-major order. */
    void write(int index) {
        switch (dtype) {
            case FLOAT16, BFLOAT16, FLOAT32 -> json.number(numbers().getFloat(index));
            case FLOAT64 -> json.number(numbers().get(index));
            case UINT8, UINT16, INT32, INT64 -> json.number(numbers().getLong(index));
            case BOOL -> json.raw(numbers().getLong(index) != 0 ? "true" : "false");
            case STRING -> stringWriter.accept(Objects.requireNonNull(strings)[index]);
        }
    }

    private NumericElements numbers() {
        return Objects.requireNonNull(numbers);
    }
}
