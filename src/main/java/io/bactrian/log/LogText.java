package io.bactrian.log;

import org.jspecify.annotations.Nullable;

/**
 * Text for a line of the log. What callers send ends up in messages; so that it can't look like a
 * line of its own, or command a terminal, control characters are escaped and its length is limited.
 */
public final class LogText {

    /** Characters of a message that are logged. */
    static final int MAX_LENGTH = 8000;

    private static final char DELETE = 0x7f;
    private static final char LAST_CONTROL = 0x9f;

    private LogText() {}

    /**
     * {@return the text in one line; null if it is null}
     *
     * @param text any text, or null
     */
    public static @Nullable String of(String text) {
        if (text == null) {
            return null;
        }
        int end = Math.min(text.length(), MAX_LENGTH);
        int plain = 0;
        while (plain < end && isPlain(text.charAt(plain))) {
            plain++;
        }
        if (plain == text.length()) {
            return text;
        }
        StringBuilder line = new StringBuilder(end + 16).append(text, 0, plain);
        for (int i = plain; i < end; i++) {
            append(line, text.charAt(i));
        }
        if (end < text.length()) {
            line.append("… (").append(text.length()).append(" characters)");
        }
        return line.toString();
    }

    private static void append(StringBuilder line, char c) {
        switch (c) {
            case '\n' -> line.append("\\n");
            case '\r' -> line.append("\\r");
            case '\t' -> line.append("\\t");
            default -> {
                if (isPlain(c)) {
                    line.append(c);
                } else {
                    line.append(String.format("\\u%04x", (int) c));
                }
            }
        }
    }

    /** No control character, line separator, nor one that turns the direction of writing. */
    private static boolean isPlain(char c) {
        return (c >= ' ' && c < DELETE)
                || (c > LAST_CONTROL
                        && c != '\u2028'
                        && c != '\u2029'
                        && !(c >= '\u202a' && c <= '\u202e')
                        && !(c >= '\u2066' && c <= '\u2069'));
    }
}
