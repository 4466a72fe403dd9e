package io.bactrian.cases;

import java.util.regex.Pattern;

/** The beginning of a text, for a message of one line. */
final class Excerpt {

    private static final int MAX_LENGTH = 200;

    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private Excerpt() {}

    /** {@return the text in quotes; what a terminal would act on is replaced by dots} */
    static String of(String text) {
        String beginning = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "…";
        return "\"" + CONTROL.matcher(beginning).replaceAll("·") + "\"";
    }
}
