package io.bactrian.tensor;

/** Errors that name the element at fault by its path: {@code image_data[3][0][1]}. */
public final class PathErrors implements ElementErrors {

    private final String name;

    /**
     * @param name the outermost value's name, such as a field's
     */
    public PathErrors(String name) {
        this.name = name;
    }

    @Override
    public BadInputException unevenSize(int[] path, int size, int expected) {
        return new BadInputException(
                at(path)
                        + " has "
                        + size
                        + (size == 1 ? " element" : " elements")
                        + " where "
                        + at(new int[path.length])
                        + " has "
                        + expected);
    }

    @Override
    public BadInputException unexpectedList(int[] path) {
        return new BadInputException(
                at(path) + " is a list where " + at(new int[path.length]) + " is a value");
    }

    @Override
    public BadInputException unexpectedValue(int[] path, String value, int rank) {
        return new BadInputException(
                at(path) + ": " + value + " where " + at(new int[path.length]) + " is a list");
    }

    @Override
    public BadInputException wrongType(int[] path, String value, JsonType type, DType dtype) {
        return new BadInputException(at(path) + ": " + value + " is not " + wanted(dtype));
    }

    @Override
    public BadInputException badBase64(int[] path) {
        return new BadInputException(at(path) + ": its b64 is not base64");
    }

    private static String wanted(DType dtype) {
        return switch (dtype) {
            case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> "a number";
            case UINT8, UINT16 -> "a " + dtype;
            case INT32, INT64 -> "an " + dtype;
            case BOOL -> "true or false";
            case STRING -> "a string";
        };
    }

    private String at(int[] path) {
        StringBuilder text = new StringBuilder(name);
        for (int index : path) {
            text.append('[').append(index).append(']');
        }
        return text.toString();
    }
}
