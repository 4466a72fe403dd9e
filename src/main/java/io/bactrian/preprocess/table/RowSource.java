package io.bactrian.preprocess.table;

import io.bactrian.format.Dialect;
import io.bactrian.format.JsonScanner;

/** Opens bodies as rows. */
public final class RowSource {

    private static final char BYTE_ORDER_MARK = '\ufeff';

    private RowSource() {}

    /**
     * {@return the rows of a JSON text}
     *
     * @param json an array that holds the text in UTF-8
     * @param start where it begins
     * @param length its length in bytes
     * @throws io.bactrian.tensor.BadInputException if it can't be rows
     */
    public static Rows json(
            byte[] json, int start, int length, RowFields fields, RowsFormat format) {
        JsonScanner scanner = new JsonScanner(json, start, length, Dialect.BACTRIAN);
        int first = JsonSource.findTable(scanner, format.wrapper());
        boolean columns =
                format.layout() == TableLayout.COLUMNS || (format.series() && first == '{');
        return columns
                ? new JsonColumns(scanner, first, fields, format)
                : new JsonRows(scanner, first, fields, format);
    }

    /**
     * {@return the rows of a CSV text}
     *
     * @throws io.bactrian.tensor.BadInputException if it has no header where it must
     */
    public static Rows csv(String text, RowFields fields, RowsFormat format) {
        boolean marked = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
        return new CsvRows(marked ? text.substring(1) : text, fields, format);
    }

    /**
     * {@return the rows of maps and lists}
     *
     * @param body what {@code unmarshal: json} made of a body
     * @throws io.bactrian.tensor.BadInputException if it can't be rows
     */
    public static Rows objects(Object body, RowFields fields, RowsFormat format) {
        return new ObjectRows(body, fields, format);
    }
}
