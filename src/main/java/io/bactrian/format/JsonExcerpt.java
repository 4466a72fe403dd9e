package io.bactrian.format;

/**
 * The excerpt of a JSON value in TensorFlow Serving's errors: indented by four spaces, lists on one
 * line, truncated after 256 characters. Numbers and strings stay as they were written.
 */
final class JsonExcerpt {

    private static final int LIMIT = 256;

    /** At least LIMIT characters, however long they are in UTF-8. */
    private static final int LIMIT_BYTES = 4 * LIMIT;

    private final JsonScanner json;
    private final StringBuilder text = new StringBuilder();

    private JsonExcerpt(JsonScanner json) {
        this.json = json;
    }

    /**
     * @param json stands before the value; its position afterwards is unspecified
     */
    static String of(JsonScanner json) {
        JsonExcerpt excerpt = new JsonExcerpt(json);
        excerpt.value("");
        StringBuilder text = excerpt.text;
        if (text.length() > LIMIT) {
            boolean splitsPair = Character.isHighSurrogate(text.charAt(LIMIT - 1));
            text.setLength(splitsPair ? LIMIT - 1 : LIMIT);
        }
        return text.toString();
    }

    /** Recurses once a level, and each level has written a character: at most LIMIT deep. */
    private void value(String indent) {
        if (text.length() >= LIMIT) {
            return;
        }
        int first = json.peek();
        switch (first) {
            case '[' -> list(indent);
            case '{' -> object(indent);
            default -> {
                int start = json.position();
                json.skipScalar(first);
                text.append(json.textFrom(start, LIMIT_BYTES));
            }
        }
    }

    private void list(String indent) {
        text.append('[');
        if (json.enter()) {
            value(indent);
            while (text.length() < LIMIT && json.nextElement()) {
                text.append(", ");
                value(indent);
            }
        }
        text.append(']');
    }

    private void object(String indent) {
        text.append('{');
        if (json.enter()) {
            String inner = indent + "    ";
            member(inner);
            while (text.length() < LIMIT && json.nextMember()) {
                text.append(',');
                member(inner);
            }
            text.append('\n').append(indent);
        }
        text.append('}');
    }

    private void member(String indent) {
        json.peek();
        int name = json.position();
        json.name();
        int value = json.position();
        json.moveTo(name);
        json.skipScalar('"');
        text.append('\n').append(indent).append(json.textFrom(name, LIMIT_BYTES)).append(": ");
        json.moveTo(value);
        value(indent);
    }
}
