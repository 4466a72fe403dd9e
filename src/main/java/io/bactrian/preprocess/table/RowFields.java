package io.bactrian.preprocess.table;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The fields that are read of each row: by their names, or by their positions alone. */
public final class RowFields {

    private final List<String> names;
    private final Map<String, Integer> indices = new HashMap<>();
    private final boolean named;

    private RowFields(List<String> names, boolean named) {
        this.names = names;
        this.named = named;
        if (named) {
            names.forEach(name -> indices.put(name, indices.size()));
        }
    }

    /**
     * {@return fields with names}
     *
     * @param names distinct names, in the order of the values in rows without names
     */
    public static RowFields named(List<String> names) {
        return new RowFields(List.copyOf(names), true);
    }

    /**
     * {@return fields of rows without names}
     *
     * @param count the number of values in a row
     */
    public static RowFields numbered(int count) {
        return new RowFields(IntStream.range(0, count).mapToObj(String::valueOf).toList(), false);
    }

    /** {@return whether the fields have names} */
    public boolean isNamed() {
        return named;
    }

    /** {@return the number of fields} */
    public int size() {
        return names.size();
    }

    /** {@return the names, or the positions as text} */
    public List<String> names() {
        return names;
    }

    /** {@return the index of the field of that name; -1 if there is none} */
    int index(String name) {
        return indices.getOrDefault(name, -1);
    }

    /**
     * {@return the path of a value for messages, such as {@code [3].age}}
     *
     * @param row the path of its row; empty if the row is the whole body
     */
    String path(String row, int field) {
        if (!named) {
            return row + "[" + field + "]";
        }
        return row.isEmpty() ? names.get(field) : row + "." + names.get(field);
    }
}
