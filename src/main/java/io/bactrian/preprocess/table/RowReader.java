package io.bactrian.preprocess.table;

/** What reads rows into a request's tensors. */
public interface RowReader {

    /**
     * Reads the current row.
     *
     * @param rows the rows, of which the current one is to be read
     * @throws io.bactrian.tensor.BadInputException if a field is missing or has a wrong value
     */
    void read(Rows rows);

    /** Removes what was read of a row that turned out to be wrong. */
    void undo();
}
