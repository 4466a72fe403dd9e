package io.bactrian.preprocess.table;

import io.bactrian.pipeline.ItemErrors;

/**
 * What a body must look like to be read as rows.
 *
 * @param wrapper the field of a JSON object that holds the table; empty if the body itself does
 * @param layout whether a JSON table consists of rows or of columns
 * @param arrays whether a row may be a list of values in the order of the fields
 * @param series whether the request is a series: always a list, of rows or of the single field's
 *     values, or an object of lists
 * @param header whether the first record of a CSV table has the names of the fields
 * @param maxRows the maximum number of rows
 * @param itemErrors what a row that is wrong does to a request that is a list of rows
 */
public record RowsFormat(
        String wrapper,
        TableLayout layout,
        boolean arrays,
        boolean series,
        boolean header,
        int maxRows,
        ItemErrors itemErrors) {

    /** {@return the format of the list of rows at a path, each of which is a list of values} */
    RowsFormat inside(String path) {
        return new RowsFormat(path, layout, true, series, header, maxRows, itemErrors);
    }

    /** {@return the format of lines that are rows} */
    RowsFormat ofLines() {
        return new RowsFormat("", TableLayout.ROWS, true, series, header, maxRows, itemErrors);
    }
}
