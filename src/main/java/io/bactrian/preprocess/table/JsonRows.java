package io.bactrian.preprocess.table;

import io.bactrian.format.JsonScanner;
import io.bactrian.tensor.BadInputException;

/** An object or a list of values, or a list of such rows, in a JSON text. */
final class JsonRows extends JsonSource {

    private final boolean list;
    private final boolean arrays;
    private final boolean series;
    private final ColumnOrder order;

    /** Where the text goes on behind the current row. */
    private int end;

    /**
     * @param json stands before the table
     * @param first the table's first byte
     * @param order the fields of the values in rows that are lists
     */
    JsonRows(JsonScanner json, int first, RowFields fields, ColumnOrder order, RowsFormat format) {
        super(json, fields, format);
        this.arrays = format.arrays();
        this.series = format.series();
        this.order = order;
        boolean always = series || format.layout() == TableLayout.VALUES;
        this.list = first == '[' && (always || !isArrayOfValues());
        boolean rows = format.layout() == TableLayout.VALUES ? list : list || arrays;
        if ((first != '{' || format.layout() == TableLayout.VALUES) && (first != '[' || !rows)) {
            json.skipValue();
            throw notRows(format);
        }
        this.end = json.position();
    }

    /** Whether the list at the scanner begins with a value, so that it is a row. */
    private boolean isArrayOfValues() {
        int start = json().position();
        boolean values = json().enter() && json().peek() != '{' && json().peek() != '[';
        json().moveTo(start);
        return values;
    }

    private BadInputException notRows(RowsFormat format) {
        String where = wrapper().isEmpty() ? "the body" : "field \"" + wrapper() + "\"";
        return new BadInputException(
                where
                        + " must be "
                        + (format.series() || format.layout() == TableLayout.VALUES
                                ? "a list"
                                : "an object or a list of them"
                                        + (arrays ? ", or a list of values" : "")));
    }

    @Override
    public boolean isList() {
        return list;
    }

    @Override
    boolean advance(int index) {
        JsonScanner json = json();
        json.moveTo(end);
        json.peek();
        boolean more;
        if (!list) {
            more = index == 0;
        } else if (index == 0) {
            more = json.enter();
            if (!more) {
                throw noRows();
            }
        } else {
            more = json.nextElement();
        }
        if (!more) {
            endTable();
            return false;
        }
        clear();
        scan(index);
        end = json.position();
        return true;
    }

    private void scan(int index) {
        JsonScanner json = json();
        int first = json.peek();
        if (first == '{' && fields().isNamed()) {
            scanObject();
        } else if (first == '[' && arrays) {
            scanArray(index);
        } else if (series && fields().size() == 1 && first != '{') {
            keep(0);
            json.skipValue();
        } else {
            json.skipValue();
            String path = row(index);
            setWrong(
                    new BadInputException(
                            (path.isEmpty() ? "the body" : path)
                                    + " must be "
                                    + (fields().isNamed() ? "an object" : "a list of values")
                                    + (fields().isNamed() && arrays
                                            ? " or a list of values"
                                            : "")));
        }
    }

    private void scanArray(int index) {
        JsonScanner json = json();
        int values = 0;
        if (json.enter()) {
            do {
                if (order.isRead(values)) {
                    keep(order.field(values));
                }
                values++;
                json.skipValue();
            } while (json.nextElement());
        }
        if (values != order.size()) {
            setWrong(wrongLength(row(index), values, order.size()));
        }
    }

    private String row(int index) {
        return list ? wrapper() + "[" + index + "]" : wrapper();
    }

    @Override
    String row() {
        return row(index());
    }
}
