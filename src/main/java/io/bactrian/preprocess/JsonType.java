package io.bactrian.preprocess;

import java.util.Collection;
import java.util.Map;

/** The names of JSON's types for Java values, for messages to clients that send JSON. */
final class JsonType {

    private JsonType() {}

    static String of(Object value) {
        if (value == null) {
            return "null";
        }
        if (value instanceof String) {
            return "a string";
        }
        if (value instanceof Number) {
            return "a number";
        }
        if (value instanceof Boolean) {
            return "a boolean";
        }
        if (value instanceof Map) {
            return "an object";
        }
        return value instanceof Collection || value.getClass().isArray()
                ? "an array"
                : value.getClass().getSimpleName();
    }
}
