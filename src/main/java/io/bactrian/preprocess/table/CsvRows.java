package io.bactrian.preprocess.table;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorValues;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The records of a CSV text (RFC 4180), which all have as many values as the first. Empty lines are
 * skipped. A value that is empty, in quotes or not, is an empty text, and missing where a number is
 * wanted.
 */
final class CsvRows extends Rows {

    private static final int NONE = -1;

    private final CloseableIterator<CsvRecord> records;

    /** The position of each field in a record; {@link #NONE} if the header lacks it. */
    private final int[] columns;

    /** The number of values in the first record, and so in each; {@link #NONE} before it. */
    private int width = NONE;

    private @Nullable CsvRecord current;

    CsvRows(String text, RowFields fields, RowsFormat format) {
        super(fields, format);
        this.records =
                CsvReader.builder()
                        .skipEmptyLines(true)
                        .allowExtraFields(true)
                        .allowMissingFields(true)
                        // FastCSV 4.1.0's other parser drops a record whose last field begins with
                        // a
                        // carriage return in quotes.
                        .trimWhitespacesAroundQuotes(true)
                        .ofCsvRecord(text)
                        .iterator();
        this.columns = new int[fields.size()];
        if (format.header()) {
            Arrays.fill(columns, NONE);
            CsvRecord header = read();
            if (header == null) {
                throw new BadInputException("the body is empty: expected CSV with a header");
            }
            width = header.getFieldCount();
            readHeader(header.getFields());
        } else {
            Arrays.setAll(columns, field -> field);
        }
    }

    private void readHeader(List<String> header) {
        if (!fields().isNamed()) {
            if (header.size() != columns.length) {
                throw wrongLength("the header", header.size());
            }
            Arrays.setAll(columns, field -> field);
            return;
        }
        for (int column = 0; column < header.size(); column++) {
            String name = header.get(column).strip();
            int field = fields().index(name);
            if (field >= 0) {
                if (columns[field] != NONE) {
                    throw new BadInputException("the header has \"" + name + "\" twice");
                }
                columns[field] = column;
            }
        }
    }

    private @Nullable CsvRecord read() {
        try {
            return records.hasNext() ? records.next() : null;
        } catch (CsvParseException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new BadInputException("the body is not CSV: " + cause.getMessage());
        }
    }

    @Override
    public boolean isList() {
        return true;
    }

    @Override
    boolean advance(int index) {
        CsvRecord record = read();
        if (record == null) {
            if (index == 0) {
                throw noRows();
            }
            return false;
        }
        current = record;
        if (width == NONE) {
            width = record.getFieldCount();
            if (width < columns.length) {
                throw wrongLength(row(index), width);
            }
        }
        if (record.getFieldCount() != width) {
            setWrong(wrongLength(row(index), record.getFieldCount(), width));
        }
        return true;
    }

    private String text(int field) {
        return Objects.requireNonNull(current).getField(columns[field]);
    }

    @Override
    public boolean has(int field) {
        return columns[field] != NONE && !text(field).isEmpty();
    }

    @Override
    public boolean isEmptyText(int field) {
        return columns[field] != NONE && text(field).isEmpty();
    }

    @Override
    public Object value(int field) {
        return text(field);
    }

    @Override
    public double number(int field) {
        Object number = TextValues.parse(text(field), DType.FLOAT64, true);
        if (number instanceof Double found) {
            return found;
        }
        if (TextValues.parse(text(field), DType.BOOL, true) instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        throw wrong(field, text(field), "a number");
    }

    @Override
    public Shape read(int field, TensorBuffer elements, boolean single) {
        return TensorValues.read(
                TextValues.parse(text(field), elements.dtype(), single), elements, path(field));
    }

    private String row(int index) {
        return "row " + index + " (line " + line() + ")";
    }

    private long line() {
        return Objects.requireNonNull(current).getStartingLineNumber();
    }

    @Override
    String row() {
        return row(index());
    }

    @Override
    public String path(int field) {
        return row() + ", " + fields().names().get(field);
    }
}
