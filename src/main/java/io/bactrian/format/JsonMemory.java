package io.bactrian.format;

import io.bactrian.tensor.DType;

/**
 * An upper bound on the memory that a JSON text takes as Java objects or as a tensor, by its length
 * and structural characters. As objects a text may become fifty times as large: each {@code []} is
 * one.
 */
public final class JsonMemory {

    /** An ArrayList and its first array. */
    private static final int ARRAY = 80;

    /** A LinkedHashMap and its first table. */
    private static final int OBJECT = 136;

    /** An entry of a map, and its key. */
    private static final int MEMBER = 88;

    /** A number or a string's object, and the references to it in a list that has grown. */
    private static final int VALUE = 52;

    /** A long string is decoded to a char array and then copied. */
    private static final int CHARACTER = 4;

    /** A string in a list, in the tensor and while it is read. */
    private static final int STRING = 96;

    /** An array that grows is copied to a larger one. */
    private static final int GROWTH = 3;

    private JsonMemory() {}

    /**
     * {@return the most bytes that a text takes as Java objects, and while they are made}
     *
     * @param json the text
     */
    public static long bytesAsObjects(byte[] json) {
        long arrays = 0;
        long objects = 0;
        long members = 0;
        long values = 1;
        for (byte b : json) {
            switch (b) {
                case '[' -> arrays++;
                case '{' -> objects++;
                case ':' -> members++;
                case ',' -> values++;
                default -> {
                    // Counted by its length.
                }
            }
        }
        return arrays * ARRAY
                + objects * OBJECT
                + members * MEMBER
                + values * VALUE
                + (long) json.length * CHARACTER;
    }

    /**
     * {@return the most bytes that reading a text into a tensor allocates, the tensor included}
     *
     * @param json an array that holds the text
     * @param start where it begins
     * @param length its length in bytes
     * @param dtype the tensor's dtype
     */
    public static long bytesAsTensor(byte[] json, int start, int length, DType dtype) {
        if (dtype == DType.STRING) {
            long values = 1;
            for (int i = start; i < start + length; i++) {
                if (json[i] == ',') {
                    values++;
                }
            }
            return values * STRING + GROWTH * (long) length;
        }
        // The smallest element takes two characters, a digit and a comma.
        return (length + 1L) / 2 * dtype.byteSize() * GROWTH / 2;
    }
}
