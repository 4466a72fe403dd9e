package io.bactrian.test;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The path of one value in a JSON document, in JSONPath's notation (RFC 9535) without wildcards,
 * slices and filters: {@code $.predictions[0]['class name']}. A negative index counts from the end.
 */
final class JsonPath {

    private static final Pattern STEP =
            Pattern.compile(
                    "\\.(?<name>[^.\\[\\]\\s]+)|\\[(?<index>-?\\d+)]|\\['(?<quoted>[^']*)']");

    private final List<Object> steps;

    private JsonPath(List<Object> steps) {
        this.steps = steps;
    }

    /**
     * {@return the path that a text describes}
     *
     * @throws IllegalArgumentException if it is not one, naming where
     */
    static JsonPath of(String text) {
        if (!text.startsWith("$")) {
            throw new IllegalArgumentException(
                    "a JSON path begins with $, as $.predictions[0], not " + text);
        }
        List<Object> steps = new ArrayList<>();
        Matcher step = STEP.matcher(text);
        int position = 1;
        while (position < text.length()) {
            if (!step.find(position) || step.start() != position) {
                throw new IllegalArgumentException(
                        "JSON path " + text + " can't be read from " + text.substring(position));
            }
            String name = step.group("name") == null ? step.group("quoted") : step.group("name");
            steps.add(name == null ? Integer.valueOf(step.group("index")) : name);
            position = step.end();
        }
        return new JsonPath(steps);
    }

    /** {@return the value, or null if the document has none there} */
    @Nullable JsonNode find(JsonNode document) {
        JsonNode value = document;
        for (Object step : steps) {
            if (step instanceof Integer index) {
                value = value.get(index < 0 ? value.size() + index : index);
            } else {
                value = value.get((String) step);
            }
            if (value == null) {
                return null;
            }
        }
        return value;
    }
}
