package io.bactrian.preprocess.table;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The categories of a field by their values. If all are numbers, values are compared as numbers, so
 * that 3, 3.0 and the text 3 of CSV are one; else as text.
 */
final class Categories {

    private final Map<Object, Integer> indices = new HashMap<>();
    private final boolean numeric;

    /**
     * @param values the categories in order: numbers, texts and booleans
     * @throws IllegalArgumentException if one is there twice, or is something else
     */
    Categories(List<?> values) {
        numeric = values.stream().allMatch(Number.class::isInstance);
        for (Object value : values) {
            Object key = key(value);
            if (key == null) {
                throw new IllegalArgumentException(Rows.describe(value) + " is no category");
            }
            if (indices.put(key, indices.size()) != null) {
                throw new IllegalArgumentException("the category " + value + " is there twice");
            }
        }
    }

    int size() {
        return indices.size();
    }

    /**
     * {@return the index of a value's category; -1 if there is none; null if the value is of a type
     * that no category can have}
     */
    @Nullable Integer index(Object value) {
        Object key = key(value);
        return key == null ? null : indices.getOrDefault(key, -1);
    }

    private @Nullable Object key(Object value) {
        if (value instanceof CharSequence text) {
            if (!numeric) {
                return text.toString();
            }
            Double number = TextValues.number(text.toString().strip());
            // A text that is no number is just unknown.
            return number == null ? text.toString() : (Object) (number + 0.0);
        }
        if (value instanceof Number number) {
            // -0.0 + 0.0 is 0.0.
            return numeric ? (Object) (number.doubleValue() + 0.0) : number.toString();
        }
        return value instanceof Boolean ? value.toString() : null;
    }
}
