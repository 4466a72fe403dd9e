package io.bactrian.tensor;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The type of a JSON value, determined by its text or by the Java object that represents it. */
public enum JsonType {
    /** The literal {@code null}. */
    NULL("Null", "null"),
    /** The literal {@code false}. */
    FALSE("False", "a boolean"),
    /** The literal {@code true}. */
    TRUE("True", "a boolean"),
    /** An object, or a Java object of any other type. */
    OBJECT("Object", "an object"),
    /** An array, in Java also a collection. */
    ARRAY("Array", "an array"),
    /** A string. */
    STRING("String", "a string"),
    /** A number, including the non-finite ones. */
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

    /**
     * {@return the type of a Java object; {@link #OBJECT} if JSON has no such type}
     *
     * @param value any object, or null
     */
    public static JsonType of(@Nullable Object value) {
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
     * {@return the type of a Java object with an article, such as {@code a string}; the class's
     * name if JSON has no such type}
     *
     * @param value any object, or null
     */
    public static String describe(@Nullable Object value) {
        JsonType type = of(value);
        return value != null && type == OBJECT && !(value instanceof Map)
                ? value.getClass().getSimpleName()
                : type.noun;
    }
}
