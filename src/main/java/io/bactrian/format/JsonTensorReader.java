package io.bactrian.format;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.Base64Strings;
import io.bactrian.tensor.ElementErrors;
import io.bactrian.tensor.JsonType;
import io.bactrian.tensor.NestedListShape;
import io.bactrian.tensor.TensorBuffer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The reader of a tensor's elements from a JSON value, or from lists nested to any rank up to
 * TensorFlow's 254. The shape is that of the nesting.
 *
 * <p>float16, bfloat16, float32 and float64 take every number, NaN and infinities; float32 and
 * float64 are rounded once, to nearest, ties to even, the 16-bit ones from the nearest float64, as
 * numpy does it. Integers take numbers written without point and exponent that fit the dtype. bool
 * takes true and false. string takes strings, whose bytes are UTF-8, and {@code {"b64": "…"}}.
 * Nothing else is converted: null, 1.0 for an integer and "1" for a number are errors.
 */
public final class JsonTensorReader {

    private final JsonScanner json;
    private final NestedListShape shape;
    private final FastNumberReader plainNumbers;

    /**
     * @param json a scanner that stands before each value to read
     * @param errors the wording of errors
     */
    public JsonTensorReader(JsonScanner json, ElementErrors errors) {
        this.json = json;
        this.shape = new NestedListShape(errors);
        this.plainNumbers = new FastNumberReader(json, shape);
    }

    /**
     * Reads the value at the scanner, which is behind it then.
     *
     * @param elements receives the elements; some of them if the value is invalid
     * @return the value's own shape
     * @throws BadInputException if it is not JSON, ragged, or of another type
     */
    public Shape read(TensorBuffer elements) {
        shape.reset();
        do {
            int first = json.peek();
            if (first == '[') {
                shape.open();
                if (!json.enter()) {
                    shape.close();
                } else if (json.peek() == '[') {
                    continue;
                } else {
                    requireValuesHere();
                    readValues(elements);
                }
            } else {
                requireValuesHere();
                readValue(first, 0, elements);
            }
            while (shape.depth() > 0 && !json.nextElement()) {
                shape.close();
            }
        } while (shape.depth() > 0);
        return shape.shape();
    }

    /**
     * {@return whether the value at the scanner is an object whose one member is a string named
     * b64; the scanner stays before it}
     */
    boolean isBase64Object() {
        int before = json.position();
        boolean found =
                json.peek() == '{'
                        && json.enter()
                        && json.peek() == '"'
                        && json.name().equals(Base64Strings.KEY)
                        && json.peek() == '"'
                        && endsAfterString();
        json.moveTo(before);
        return found;
    }

    private boolean endsAfterString() {
        json.skipScalar('"');
        return json.peek() == '}';
    }

    private void requireValuesHere() {
        if (!shape.takesValues()) {
            throw shape.unexpectedValue(JsonExcerpt.of(json));
        }
        shape.values();
    }

    /** Reads the values of the open list, and maybe the lists after it, and closes it. */
    private void readValues(TensorBuffer elements) {
        int values = 0;
        do {
            values = plainNumbers.read(values, elements);
            if (values == FastNumberReader.CLOSED) {
                return;
            }
            readValue(json.peek(), values, elements);
            values++;
        } while (json.nextElement());
        shape.close(values);
    }

    /**
     * @param first the value's first byte
     * @param index how many values come before it in the open list
     */
    private void readValue(int first, int index, TensorBuffer elements) {
        int start = json.position();
        boolean read =
                switch (elements.dtype()) {
                    case FLOAT32 -> {
                        boolean number = json.scanNumber();
                        if (number) {
                            elements.addFloat(json.floatValue());
                        }
                        yield number;
                    }
                    case FLOAT16, BFLOAT16, FLOAT64 -> {
                        boolean number = json.scanNumber();
                        if (number) {
                            elements.addDouble(json.doubleValue());
                        }
                        yield number;
                    }
                    case UINT8, UINT16, INT32, INT64 ->
                            json.scanNumber()
                                    && json.isLong()
                                    && elements.addInteger(json.longValue());
                    case BOOL -> {
                        Boolean value = json.readBoolean(first);
                        if (value != null) {
                            elements.addBoolean(value);
                        }
                        yield value != null;
                    }
                    case STRING -> {
                        byte[] value = readString(first, index);
                        if (value != null) {
                            elements.addString(value);
                        }
                        yield value != null;
                    }
                };
        if (!read) {
            if (first == '[') {
                throw shape.unexpectedList(index);
            }
            json.moveTo(start);
            throw shape.wrongType(
                    index, JsonExcerpt.of(json), JsonType.ofText(first), elements.dtype());
        }
    }

    private byte @Nullable [] readString(int first, int index) {
        if (first == '"') {
            return json.readString();
        }
        if (first != '{' || !isBase64Object()) {
            return null;
        }
        json.enter();
        json.name();
        json.peek();
        byte[] decoded = Base64Strings.decode(json.readString());
        json.nextMember();
        if (decoded == null) {
            throw shape.badBase64(index);
        }
        return decoded;
    }
}
