package io.bactrian.preprocess.table;

import io.bactrian.tensor.BadInputException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The fields that the values of rows without names are of. */
final class ColumnOrder {

    static final String FIELDS = "fields";
    static final String VALUES = "values";

    private static final int NONE = -1;

    /** The field of each position in a row; {@link #NONE} for one that is not read. */
    private final int[] fields;

    private ColumnOrder(int[] fields) {
        this.fields = fields;
    }

    /** {@return the order of the fields themselves} */
    static ColumnOrder of(RowFields fields) {
        return new ColumnOrder(IntStream.range(0, fields.size()).toArray());
    }

    /**
     * {@return the order that a request gives}
     *
     * @param names the names of the columns; null if it has none
     * @param path where they are in the request
     * @param named whether names are needed
     * @throws BadInputException if they are no different names, or there are none
     */
    static ColumnOrder of(RowFields fields, @Nullable Object names, String path, boolean named) {
        if (names == null) {
            if (named) {
                throw new BadInputException("missing field \"" + path + "\"");
            }
            return of(fields);
        }
        if (!(names instanceof List<?> list)) {
            throw new BadInputException(path + " must be a list of names");
        }
        int[] order = new int[list.size()];
        for (int i = 0; i < order.length; i++) {
            if (!(list.get(i) instanceof String name)) {
                throw new BadInputException(path + "[" + i + "] must be a text");
            }
            int field = fields.isNamed() ? fields.index(name) : i < fields.size() ? i : NONE;
            if (field != NONE && Arrays.stream(order, 0, i).anyMatch(each -> each == field)) {
                throw new BadInputException(path + " has \"" + name + "\" twice");
            }
            order[i] = field;
        }
        return new ColumnOrder(order);
    }

    /** {@return the number of values in a row} */
    int size() {
        return fields.length;
    }

    /** {@return whether a position is read} */
    boolean isRead(int position) {
        return position < fields.length && fields[position] != NONE;
    }

    /** {@return the field of a position that is read} */
    int field(int position) {
        return fields[position];
    }
}
