package io.bactrian.preprocess.table;

import io.bactrian.pipeline.RejectedItems;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.JsonType;
import io.bactrian.tensor.TensorBuffer;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The rows of a request, one after the other. Only one row is held at a time, so that a table takes
 * no more memory than what is made of it.
 *
 * <p>A field that is null counts as missing. Not thread-safe.
 */
public abstract class Rows {

    private static final int MAX_TEXT = 256;

    private final RowFields fields;
    private final int maxRows;
    private final RejectedItems rejected;
    private @Nullable BadInputException wrongRow;
    private int count;

    Rows(RowFields fields, RowsFormat format) {
        this.fields = fields;
        this.maxRows = format.maxRows();
        this.rejected = new RejectedItems(format.itemErrors());
    }

    /** {@return whether the request is a list of rows, even of one} */
    public abstract boolean isList();

    /**
     * Reads all rows, one after the other.
     *
     * @param reader is called for each row
     * @return the number of rows that were read, at least one; those that are {@linkplain
     *     RejectedItems rejected} do not count
     * @throws BadInputException if there is no row, there are too many, the body is malformed, or a
     *     row is wrong and fails the request
     */
    public final int readAll(RowReader reader) {
        int read = 0;
        while (advance(count)) {
            if (count == maxRows) {
                throw new BadInputException("more than " + maxRows + " rows: the limit is maxRows");
            }
            count++;
            try {
                requireRow();
                reader.read(this);
                read++;
            } catch (BadInputException e) {
                if (!isList()) {
                    throw e;
                }
                rejected.reject(index(), e);
                reader.undo();
            }
        }
        rejected.requireOthers(count);
        return read;
    }

    private void requireRow() {
        BadInputException wrong = wrongRow;
        if (wrong != null) {
            wrongRow = null;
            throw wrong;
        }
    }

    /**
     * Goes to the next row.
     *
     * @param index the number of rows before it
     * @return false if there is none
     * @throws BadInputException if the body is malformed; what is wrong with the row alone is
     *     {@linkplain #setWrong set}
     */
    abstract boolean advance(int index);

    /** Sets what is wrong with the current row, which is not read then. */
    final void setWrong(BadInputException error) {
        wrongRow = error;
    }

    /**
     * Keeps the rejected rows for the answer.
     *
     * @param exchange the exchange of the request
     */
    public final void keepRejected(Exchange exchange) {
        rejected.keep(exchange, count);
    }

    /** {@return the index of the current row} */
    final int index() {
        return count - 1;
    }

    final RowFields fields() {
        return fields;
    }

    /**
     * {@return whether the current row has a value for the field, other than null}
     *
     * @param field the field's index
     */
    public abstract boolean has(int field);

    /**
     * {@return whether the current row has an empty text for the field, as CSV may}
     *
     * @param field the field's index
     */
    public boolean isEmptyText(int field) {
        return false;
    }

    /**
     * {@return the field's value: a number, boolean, text, list or map}
     *
     * @param field the field's index
     */
    public abstract Object value(int field);

    /**
     * {@return the field's number; 1 for true, 0 for false}
     *
     * @param field the field's index
     * @throws BadInputException if it is something else
     */
    public double number(int field) {
        Object value = value(field);
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        if (value instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        throw wrong(field, value, "a number");
    }

    /**
     * Adds the field's value, or the values in its nested lists, to a tensor's elements.
     *
     * @param field the field's index
     * @param elements the elements, to which the values are appended
     * @param single whether the tensor has one element for each row, so that text is no list
     * @return the value's own shape
     * @throws BadInputException if it does not fit the tensor's dtype, or its lists are ragged
     */
    public abstract Shape read(int field, TensorBuffer elements, boolean single);

    /** {@return the path of the current row for messages; empty if it is the whole body} */
    abstract String row();

    /**
     * {@return the path of a value in the current row for messages, such as {@code [3].age}}
     *
     * @param field the field's index
     */
    public String path(int field) {
        return fields.path(row(), field);
    }

    /**
     * {@return the error for a row without a value that it must have}
     *
     * @param field the field's index
     */
    public final BadInputException missing(int field) {
        String missing = "missing field \"" + fields.names().get(field) + "\"";
        return new BadInputException(row().isEmpty() ? missing : row() + ": " + missing);
    }

    /**
     * {@return the error for a value that is not what it must be}
     *
     * @param field the field's index
     * @param value a number, boolean, text, list or map
     * @param wanted such as {@code a number}
     */
    public final BadInputException wrong(int field, Object value, String wanted) {
        return new BadInputException(path(field) + ": " + describe(value) + " is not " + wanted);
    }

    /**
     * {@return a value for messages: short, text in quotes}
     *
     * @param value a number, boolean, text, list or map
     */
    public static String describe(Object value) {
        if (value instanceof CharSequence text) {
            String cut = text.length() > MAX_TEXT ? text.subSequence(0, MAX_TEXT) + "…" : "" + text;
            return '"' + cut + '"';
        }
        return value instanceof Number || value instanceof Boolean
                ? value.toString()
                : JsonType.describe(value);
    }

    /** {@return the error for a row of the wrong length} */
    final BadInputException wrongLength(String row, int length) {
        return wrongLength(row, length, fields.size());
    }

    static BadInputException wrongLength(String row, int length, int expected) {
        return new BadInputException(
                (row.isEmpty() ? "the row" : row)
                        + " has "
                        + length
                        + (length == 1 ? " value" : " values")
                        + ", expected "
                        + expected);
    }

    static BadInputException noRows() {
        return new BadInputException("there are no rows");
    }
}
