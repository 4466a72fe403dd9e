package io.bactrian.tensor;

/**
 * The errors for nested lists that are not a tensor. Readers of every format detect the same five
 * faults; the wording depends on the format: TensorFlow Serving's texts where clients may know
 * them, paths such as {@code image_data[3][0]} elsewhere.
 *
 * <p>A path holds the indices from the outermost list to the list or element at fault, which is
 * {@code path.length} lists deep.
 */
public interface ElementErrors {

    /**
     * A list is longer or shorter than the first one of its level.
     *
     * @param path of the list
     * @param size how many elements it has
     * @param expected how many the first has
     */
    BadInputException unevenSize(int[] path, int size, int expected);

    /**
     * A list is where the first elements are values.
     *
     * @param path of the list; its length is the tensor's rank
     */
    BadInputException unexpectedList(int[] path);

    /**
     * A value is where the first elements are lists.
     *
     * @param path of the value
     * @param value the value as text
     * @param rank how many lists deep values are to be
     */
    BadInputException unexpectedValue(int[] path, String value, int rank);

    /**
     * A value is not of the tensor's dtype.
     *
     * @param path of the value
     * @param value the value as text
     */
    BadInputException wrongType(int[] path, String value, JsonType type, DType dtype);

    /**
     * The text of a {@code {"b64": "…"}} is no base64.
     *
     * @param path of the object
     */
    BadInputException badBase64(int[] path);
}
