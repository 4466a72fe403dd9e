package io.bactrian.format;

import io.bactrian.tensor.BadInputException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * The JSON of a request of the Open Inference Protocol, read value by value. Each has a place in
 * the request, such as {@code inputs[0].shape}, which errors name.
 */
final class InferJson {

    private final JsonScanner json;

    InferJson(JsonScanner json) {
        this.json = json;
    }

    JsonScanner scanner() {
        return json;
    }

    /** Reads or skips what stands at the scanner: an element of a list. */
    interface ElementReader {
        /**
         * Reads the element.
         *
         * @param where its place
         */
        void read(String where);
    }

    /** Reads or skips what stands at the scanner: the value of an object's member. */
    interface MemberReader {
        /**
         * Reads the value.
         *
         * @param name the member's name
         * @param where the value's place
         */
        void read(String name, String where);
    }

    void list(String where, ElementReader reader) {
        requireFirstByte('[', where, "a list");
        if (json.enter()) {
            int index = 0;
            do {
                reader.read(where + "[" + index++ + "]");
            } while (json.nextElement());
        }
    }

    /**
     * Reads an object.
     *
     * @param where its place; empty for the request itself
     * @param unique the members that may come once only
     */
    void object(String where, Set<String> unique, MemberReader reader) {
        requireFirstByte('{', where, "an object");
        Set<String> seen = new HashSet<>();
        if (json.enter()) {
            do {
                String name = json.name();
                String at = where.isEmpty() ? name : where + "." + name;
                if (unique.contains(name) && !seen.add(name)) {
                    throw new BadInputException(at + " comes twice");
                }
                reader.read(name, at);
            } while (json.nextMember());
        }
    }

    /** Reads parameters, an object in which all names are possible. */
    void parameters(String where, MemberReader reader) {
        object(where, Set.of(), reader);
    }

    String string(String where) {
        requireFirstByte('"', where, "a string");
        return new String(json.readString(), StandardCharsets.UTF_8);
    }

    boolean bool(String where) {
        int first = json.peek();
        Boolean value = json.readBoolean(first);
        if (value == null) {
            throw wrong(where, "true or false");
        }
        return value;
    }

    /** {@return a whole number of 0 or more} */
    long count(String where) {
        json.peek();
        int start = json.position();
        if (json.scanNumber() && json.isLong() && json.longValue() >= 0) {
            return json.longValue();
        }
        json.moveTo(start);
        throw wrong(where, "a whole number of 0 or more");
    }

    void skip() {
        json.skipValue();
    }

    /**
     * Skips the value of a parameter that is not known, unless it says that the data are elsewhere.
     */
    void skipParameter(String name, String where) {
        if (name.startsWith("shared_memory_")) {
            throw unsupported(where);
        }
        skip();
    }

    static BadInputException unsupported(String where) {
        return new BadInputException(where + ": this extension of the protocol is not served here");
    }

    private void requireFirstByte(char first, String where, String wanted) {
        if (json.peek() != first) {
            throw wrong(where, wanted);
        }
    }

    private BadInputException wrong(String where, String wanted) {
        return new BadInputException(where + ": " + JsonExcerpt.of(json) + " is not " + wanted);
    }
}
