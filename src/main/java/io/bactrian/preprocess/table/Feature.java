package io.bactrian.preprocess.table;

/** One or several elements of a feature vector, made of one field of a row. */
interface Feature {

    /** {@return the index of the field} */
    int field();

    /** {@return the number of elements} */
    int width();

    /** {@return whether all elements are whole numbers where the field's values are} */
    boolean isWhole();

    /** {@return whether the elements are the categories in the field's list} */
    boolean isMultiHot();

    /**
     * Sets the elements of the current row.
     *
     * @param vector the row's vector, whose elements are 0
     * @param at the index of the first element
     * @throws io.bactrian.tensor.BadInputException if the field is missing or its value is wrong
     */
    void put(Rows rows, double[] vector, int at);
}
