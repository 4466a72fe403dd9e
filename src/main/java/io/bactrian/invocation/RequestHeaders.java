package io.bactrian.invocation;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The headers of a request, by name in any case of letters. */
@FunctionalInterface
public interface RequestHeaders {

    /**
     * {@return the headers of a map, whose names may be in any case of letters}
     *
     * @param headers the values of each header by its name
     */
    static RequestHeaders of(Map<String, List<String>> headers) {
        Map<String, List<String>> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        byName.putAll(headers);
        return name -> byName.getOrDefault(name, List.of());
    }

    /**
     * {@return the values of all headers of a name, in their order; empty if there is none}
     *
     * @param name the header's name, in any case of letters
     */
    List<String> all(String name);

    /**
     * {@return the value of the first header of a name, or null}
     *
     * @param name the header's name, in any case of letters
     */
    default @Nullable String first(String name) {
        List<String> values = all(name);
        return values.isEmpty() ? null : values.get(0);
    }
}
