package io.bactrian.preprocess.table;

import io.bactrian.format.Dialect;
import io.bactrian.format.JsonScanner;
import io.bactrian.tensor.BadInputException;

/** Opens bodies as rows. */
public final class RowSource {

    private static final int NONE = -1;

    private static final char BYTE_ORDER_MARK = '\ufeff';

    private RowSource() {}

    /**
     * {@return the rows of a JSON text}
     *
     * @param json an array that holds the text in UTF-8
     * @param start where it begins
     * @param length its length in bytes
     * @param fields the fields to read, which rows have by their index
     * @param format how rows are laid out and bounded
     * @throws io.bactrian.tensor.BadInputException if it can't be rows
     */
    public static Rows json(
            byte[] json, int start, int length, RowFields fields, RowsFormat format) {
        JsonScanner scanner = new JsonScanner(json, start, length, Dialect.BACTRIAN);
        int first = JsonSource.findTable(scanner, format.wrapper());
        if (format.layout() == TableLayout.VALUES) {
            return values(scanner, first, fields, format);
        }
        boolean columns =
                format.layout() == TableLayout.COLUMNS || (format.series() && first == '{');
        return columns
                ? new JsonColumns(scanner, first, fields, format)
                : new JsonRows(scanner, first, fields, ColumnOrder.of(fields), format);
    }

    /** The rows in the field {@code values} of the object at the scanner, or of that in a list. */
    private static Rows values(JsonScanner json, int first, RowFields fields, RowsFormat format) {
        boolean list = first == '[';
        String path = format.wrapper() + (list ? "[0]" : "");
        if ((list && !json.enter()) || json.peek() != '{') {
            throw noValues(path);
        }
        int values = NONE;
        Object names = null;
        if (json.enter()) {
            do {
                String name = json.name();
                json.peek();
                if (name.equals(ColumnOrder.VALUES)) {
                    values = json.position();
                }
                if (name.equals(ColumnOrder.FIELDS)) {
                    names = JsonValues.read(json);
                } else {
                    json.skipValue();
                }
            } while (json.nextMember());
        }
        if (list && json.nextElement()) {
            throw severalTables(format);
        }
        if (format.wrapper().isEmpty()) {
            json.endDocument();
        }
        if (values == NONE) {
            throw noValues(path);
        }
        json.moveTo(values);
        RowsFormat inValues = format.inside(member(path, ColumnOrder.VALUES));
        return new JsonRows(
                json,
                json.peek(),
                fields,
                ColumnOrder.of(fields, names, member(path, ColumnOrder.FIELDS), !format.arrays()),
                inValues);
    }

    static String member(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    static BadInputException noValues(String path) {
        return new BadInputException(
                (path.isEmpty() ? "the body" : path)
                        + " must be an object with a list of rows in \"values\"");
    }

    static BadInputException severalTables(RowsFormat format) {
        return new BadInputException(
                (format.wrapper().isEmpty() ? "the body" : format.wrapper())
                        + " has several tables, expected one");
    }

    /**
     * {@return the rows of a text with one in JSON on each line}
     *
     * @param text an array that holds the text in UTF-8
     * @param start where it begins
     * @param length its length in bytes
     * @param fields the fields to read, which rows have by their index
     * @param format how rows are laid out and bounded
     * @throws io.bactrian.tensor.BadInputException if a line does not begin with JSON, naming it
     */
    public static Rows lines(
            byte[] text, int start, int length, RowFields fields, RowsFormat format) {
        byte[] list = JsonLines.toList(text, start, length);
        JsonScanner scanner = new JsonScanner(list, Dialect.BACTRIAN);
        int first = scanner.peekDocument();
        RowsFormat ofLines = format.ofLines();
        return new JsonRows(scanner, first, fields, ColumnOrder.of(fields), ofLines);
    }

    /**
     * {@return the rows of a CSV text}
     *
     * @param text the text
     * @param fields the fields to read, which rows have by their index
     * @param format how rows are laid out and bounded
     * @throws io.bactrian.tensor.BadInputException if it has no header where it must
     */
    public static Rows csv(String text, RowFields fields, RowsFormat format) {
        boolean marked = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
        return new CsvRows(marked ? text.substring(1) : text, fields, format);
    }

    /**
     * {@return the rows of a serialized {@code tf.train.Example}, or of TFRecords of them}
     *
     * @param bytes the message or the TFRecords
     * @param fields the features to read, which rows have by their index
     * @param format how rows are bounded
     */
    public static ExampleRows examples(byte[] bytes, RowFields fields, RowsFormat format) {
        return new ExampleRows(bytes, fields, format);
    }

    /**
     * {@return the rows of maps and lists}
     *
     * @param body what {@code unmarshal: json} made of a body
     * @param fields the fields to read, which rows have by their index
     * @param format how rows are laid out and bounded
     * @throws io.bactrian.tensor.BadInputException if it can't be rows
     */
    public static Rows objects(Object body, RowFields fields, RowsFormat format) {
        return new ObjectRows(body, fields, format);
    }
}
