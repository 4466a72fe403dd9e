package io.bactrian.preprocess.table;

import java.util.Locale;

/** What a JSON table consists of. */
public enum TableLayout {
    /** An object, or a list of objects: pandas' {@code to_dict(orient="records")}. */
    ROWS,
    /** An object of lists, one for each field: pandas' {@code to_dict(orient="list")}. */
    COLUMNS,
    /**
     * An object with the rows in {@code values}, a list of lists, and the names of their columns in
     * {@code fields}; or a list with one such object.
     */
    VALUES;

    /** {@return the name in lower case} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
