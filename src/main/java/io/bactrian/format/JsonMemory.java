package io.bactrian.format;

/**
 * How much memory a JSON text takes as Java objects, at most, by its structural characters. A text
 * may become fifty times as large: each {@code []} is an object.
 */
final class JsonMemory {

    /** An ArrayList and its first array. */
    private static final int ARRAY = 80;

    /** A LinkedHashMap and its first table. */
    private static final int OBJECT = 136;

    /** An entry of a map, and its key. */
    private static final int MEMBER = 88;

    /** A number or the object that is a string, and references to it in a list that has grown. */
    private static final int VALUE = 52;

    /** A long string is read into chars, of which the string is made. */
    private static final int CHARACTER = 4;

    private JsonMemory() {}

    static long bytesAsObjects(byte[] json) {
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
}
