package io.bactrian.cases;

import java.util.regex.Pattern;

/** Text from an answer in a message of one line, which a terminal may show. */
final class Excerpt {

    private static final int MAX_LENGTH = 200;

    /** Control characters, line separators, and what turns the direction of writing. */
    private static final Pattern UNPRINTABLE =
            Pattern.compile("[\\p{Cc}\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]");

    private Excerpt() {}

    /** {@return the beginning of the text, in quotes} */
    static String of(String text) {
        String beginning = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "…";
        return "\"" + beginning + "\"";
    }

    /** {@return the text in one line; what a terminal would act on is replaced by dots} */
    static String printable(String text) {
        return UNPRINTABLE.matcher(text).replaceAll("·");
    }
}
