package io.bactrian.preprocess.table;

import io.bactrian.format.JsonScanner;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NestedListShape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a JSON value as Java objects: {@link Long}, {@link Double}, text, lists and maps. */
public final class JsonValues {

    private JsonValues() {}

    /**
     * {@return the value at the scanner, which is behind it then}
     *
     * @param json the text, of valid JSON or not
     */
    public static @Nullable Object read(JsonScanner json) {
        return read(json, 0);
    }

    private static @Nullable Object read(JsonScanner json, int depth) {
        if (depth > NestedListShape.MAX_RANK) {
            throw new BadInputException("nested more than " + NestedListShape.MAX_RANK + " levels");
        }
        switch (json.peek()) {
            case '"' -> {
                return new String(json.readString(), StandardCharsets.UTF_8);
            }
            case '[' -> {
                List<@Nullable Object> list = new ArrayList<>();
                if (json.enter()) {
                    do {
                        list.add(read(json, depth + 1));
                    } while (json.nextElement());
                }
                return list;
            }
            case '{' -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                if (json.enter()) {
                    do {
                        String name = json.name();
                        map.put(name, read(json, depth + 1));
                    } while (json.nextMember());
                }
                return map;
            }
            case 't', 'f', 'n' -> {
                int first = json.peek();
                json.skipValue();
                return first == 'n' ? null : Boolean.valueOf(first == 't');
            }
            default -> {
                if (!json.scanNumber()) {
                    // Not JSON: the scanner's own error.
                    json.skipValue();
                }
                return json.isLong() ? (Object) json.longValue() : (Object) json.doubleValue();
            }
        }
    }
}
