package io.bactrian.tensor;

/**
 * A factory of the errors for nested lists that are not a tensor. Readers of all formats detect the
 * same five errors, but word them differently: with TensorFlow Serving's texts where clients may
 * expect them, else with paths such as {@code image_data[3][0]}.
 *
 * <p>A path has the indices from the outermost list to the invalid list or element, which is at
 * depth {@code path.length}.
 */
public interface ElementErrors {

    /**
     * {@return the error for a list that is longer or shorter than the first list of its level}
     *
     * @param path the path of the list
     * @param size the number of its elements
     * @param expected the number of elements of the first list
     */
    BadInputException unevenSize(int[] path, int size, int expected);

    /**
     * {@return the error for a list where the first elements are values}
     *
     * @param path the path of the list, whose length is the tensor's rank
     */
    BadInputException unexpectedList(int[] path);

    /**
     * {@return the error for a value where the first elements are lists}
     *
     * @param path the path of the value
     * @param value the value as text
     * @param rank the expected depth of values
     */
    BadInputException unexpectedValue(int[] path, String value, int rank);

    /**
     * {@return the error for a value that does not fit the tensor's dtype}
     *
     * @param path the path of the value
     * @param value the value as text
     * @param type the value's JSON type
     * @param dtype the tensor's dtype
     */
    BadInputException wrongType(int[] path, String value, JsonType type, DType dtype);

    /**
     * {@return the error for a {@code {"b64": "…"}} whose text is not base64}
     *
     * @param path the path of the object
     */
    BadInputException badBase64(int[] path);
}
