package io.bactrian.cases;

/** The beginning of a text, for a message. */
final class Excerpt {

    private static final int MAX_LENGTH = 200;

    private Excerpt() {}

    static String of(String text) {
        return "\""
                + (text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "…")
                + "\"";
    }
}
