package io.bactrian.preprocess.table;

import io.bactrian.format.JsonScanner;
import io.bactrian.format.JsonTensorReader;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.ElementErrors;
import io.bactrian.tensor.JsonType;
import io.bactrian.tensor.PathErrors;
import io.bactrian.tensor.TensorBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.tensorflow.ndarray.Shape;

/**
 * Rows in a JSON text. Of the current row the positions of its values are kept, which are read when
 * they are asked for: numbers go straight into tensors.
 */
abstract class JsonSource extends Rows {

    private static final int NONE = -1;

    private final JsonScanner json;
    private final String wrapper;

    /** Where the field's value is in the text, by field. */
    private final int[] positions;

    private final JsonTensorReader elements;
    private int read;

    JsonSource(JsonScanner json, RowFields fields, RowsFormat format) {
        super(fields, format);
        this.json = json;
        this.wrapper = format.wrapper();
        this.positions = new int[fields.size()];
        this.elements = new JsonTensorReader(json, new CurrentPath());
    }

    /**
     * {@return the first byte of the table, at which the scanner stands then}
     *
     * @throws BadInputException if the text is not JSON, or has no such field
     */
    static int findTable(JsonScanner json, String wrapper) {
        int first = json.peekDocument();
        if (wrapper.isEmpty()) {
            return first;
        }
        if (first != '{') {
            throw new BadInputException("expected an object with a field \"" + wrapper + "\"");
        }
        int table = NONE;
        if (json.enter()) {
            do {
                boolean found = json.name().equals(wrapper);
                json.peek();
                // The last of several members of one name counts, as in Python and Jackson.
                table = found ? json.position() : table;
                json.skipValue();
            } while (json.nextMember());
        }
        json.endDocument();
        if (table == NONE) {
            throw new BadInputException("missing field \"" + wrapper + "\"");
        }
        json.moveTo(table);
        return json.peek();
    }

    final JsonScanner json() {
        return json;
    }

    final String wrapper() {
        return wrapper;
    }

    /** Ends reading the table, after which nothing may follow. */
    final void endTable() {
        if (wrapper.isEmpty()) {
            json.endDocument();
        }
    }

    final void clear() {
        Arrays.fill(positions, NONE);
    }

    /** Keeps the position of the value at the scanner, unless the value is null. */
    final void keep(int field) {
        positions[field] = json.peek() == 'n' ? NONE : json.position();
    }

    /** Passes the members of the object at the scanner, and keeps the positions of the fields. */
    final void scanObject() {
        if (json.enter()) {
            do {
                int field = fields().index(json.name());
                if (field >= 0) {
                    keep(field);
                }
                json.skipValue();
            } while (json.nextMember());
        }
    }

    /** Moves the scanner to the field's value, which there must be. */
    final void moveToValue(int field) {
        json.moveTo(positions[field]);
    }

    @Override
    public final boolean has(int field) {
        return positions[field] != NONE;
    }

    @Override
    public final Object value(int field) {
        moveToValue(field);
        return Objects.requireNonNull(JsonValues.read(json));
    }

    @Override
    public final double number(int field) {
        moveToValue(field);
        // No object for each number, of which there are most.
        return json.scanNumber() ? json.doubleValue() : super.number(field);
    }

    @Override
    public final Shape read(int field, TensorBuffer buffer, boolean single) {
        moveToValue(field);
        read = field;
        return elements.read(buffer);
    }

    /** Errors with the path that the value has when they occur. */
    private final class CurrentPath implements ElementErrors {

        private PathErrors errors() {
            return new PathErrors(path(read));
        }

        @Override
        public BadInputException unevenSize(int[] path, int size, int expected) {
            return errors().unevenSize(path, size, expected);
        }

        @Override
        public BadInputException unexpectedList(int[] path) {
            return errors().unexpectedList(path);
        }

        @Override
        public BadInputException unexpectedValue(int[] path, String value, int rank) {
            return errors().unexpectedValue(path, value, rank);
        }

        @Override
        public BadInputException wrongType(int[] path, String value, JsonType type, DType dtype) {
            return errors().wrongType(path, value, type, dtype);
        }

        @Override
        public BadInputException badBase64(int[] path) {
            return errors().badBase64(path);
        }
    }
}
