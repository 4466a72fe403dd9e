package io.bactrian.tensor;

import java.util.Collection;
import java.util.Map;

/** The type of a JSON value, by its text or by the Java object that stands for it. */
public enum JsonType {
    NULL("Null", "null"),
    FALSE("False", "a boolean"),
    TRUE("True", "a boolean"),
    OBJECT("Object", "an object"),
    ARRAY("Array", "an array"),
    STRING("String", "a string"),
    NUMBER("Number", "a number");

    private final String rapidJsonName;
    private final String noun;

    JsonType(String rapidJsonName, String noun) {
        this.rapidJsonName = rapidJsonName;
        this.noun = noun;
    }

    /** {@return the type's name in RapidJSON, which TensorFlow Serving's errors use} */
    public String rapidJsonName() {
        return rapidJsonName;
    }

    /**
     * {@return the type of a value's text}
     *
     * @param first the first byte of a valid JSON value
     */
    public static JsonType ofText(int first) {
        return switch (first) {
            case '{' -> OBJECT;
            case '[' -> ARRAY;
            case '"' -> STRING;
            case 't' -> TRUE;
            case 'f' -> FALSE;
            case 'n' -> NULL;
            default -> NUMBER;
        };
    }

    /** {@return the type of a Java object; of any that JSON has no type for, {@link #OBJECT}} */
    public static JsonType of(Object value) {
        if (value == null) {
            return NULL;
        }
        if (value instanceof Boolean bool) {
            return bool ? TRUE : FALSE;
        }
        if (value instanceof Number) {
            return NUMBER;
        }
        if (value instanceof CharSequence) {
            return STRING;
        }
        return value instanceof Collection || value.getClass().isArray() ? ARRAY : OBJECT;
    }

    /**
     * {@return the type of a Java object as a noun with its article, such as {@code a string}; the
     * class's name where JSON has no type for it}
     */
    public static String describe(Object value) {
        JsonType type = of(value);
        return type == OBJECT && !(value instanceof Map)
                ? value.getClass().getSimpleName()
                : type.noun;
    }
}
