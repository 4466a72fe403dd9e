package io.bactrian.preprocess.table;

import io.bactrian.format.JsonScanner;
import io.bactrian.tensor.BadInputException;

/** An object of lists in a JSON text, one for each field: the i-th values are the i-th row. */
final class JsonColumns extends JsonSource {

    private static final int NONE = -1;

    /** Where the text of each field's list goes on; {@link #NONE} if the field is missing. */
    private final int[] next;

    /**
     * @param json stands before the table
     * @param first the table's first byte
     */
    JsonColumns(JsonScanner json, int first, RowFields fields, RowsFormat format) {
        super(json, fields, format);
        if (first != '{' || !fields.isNamed()) {
            json.skipValue();
            String where = wrapper().isEmpty() ? "the body" : "field \"" + wrapper() + "\"";
            throw new BadInputException(where + " must be an object with a list for each field");
        }
        clear();
        scanObject();
        endTable();
        next = new int[fields.size()];
        for (int field = 0; field < next.length; field++) {
            next[field] = has(field) ? list(field) : NONE;
        }
    }

    private int list(int field) {
        moveToValue(field);
        if (json().peek() != '[') {
            throw new BadInputException(
                    fields().path(wrapper(), field)
                            + ": "
                            + describe(value(field))
                            + " is not a list");
        }
        return json().position();
    }

    @Override
    public boolean isList() {
        return true;
    }

    @Override
    boolean advance(int index) {
        clear();
        int present = NONE;
        boolean more = false;
        for (int field = 0; field < next.length; field++) {
            if (next[field] == NONE) {
                continue;
            }
            json().moveTo(next[field]);
            json().peek();
            boolean here = index == 0 ? json().enter() : json().nextElement();
            if (present == NONE) {
                more = here;
                present = field;
            } else if (here != more) {
                int shorter = here ? present : field;
                int longer = here ? field : present;
                throw new BadInputException(
                        fields().path(wrapper(), longer)
                                + " has more values than "
                                + fields().path(wrapper(), shorter)
                                + ", which has "
                                + index);
            }
            if (here) {
                keep(field);
                json().skipValue();
                next[field] = json().position();
            }
        }
        if (index == 0 && !more) {
            throw noRows();
        }
        return more;
    }

    @Override
    String row() {
        return wrapper() + "[" + index() + "]";
    }

    @Override
    public String path(int field) {
        return fields().path(wrapper(), field) + "[" + index() + "]";
    }
}
