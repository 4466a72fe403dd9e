package io.bactrian.scaffold;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Text as YAML has it. */
final class YamlText {

    private static final int WIDTH = 100;

    /** Words that YAML takes for something else than text. */
    private static final Set<String> WORDS =
            Set.of("true", "false", "yes", "no", "on", "off", "y", "n", "null");

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_](:?[A-Za-z0-9_./*,-])*");

    private YamlText() {}

    /** {@return a scalar, in quotes where it needs them} */
    static String scalar(String text) {
        if (PLAIN.matcher(text).matches() && !WORDS.contains(text.toLowerCase(Locale.ROOT))) {
            return text;
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (each == '"' || each == '\\') {
                quoted.append('\\').append(each);
            } else if (Character.isISOControl(each)) {
                quoted.append(String.format("\\u%04x", (int) each));
            } else {
                quoted.append(each);
            }
        }
        return quoted.append('"').toString();
    }

    /** {@return lines of a comment, wrapped at spaces that are not within braces} */
    static String comment(String indent, String text) {
        StringBuilder lines = new StringBuilder();
        StringBuilder line = new StringBuilder();
        for (String word : words(text.replaceAll("\\p{Cntrl}", "?"))) {
            if (line.length() > 0 && indent.length() + 3 + line.length() + word.length() > WIDTH) {
                lines.append(indent).append("# ").append(line).append('\n');
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        return lines.append(indent).append("# ").append(line).append('\n').toString();
    }

    /** {@return the words; YAML in braces is one, so that it can be copied} */
    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            depth += each == '{' ? 1 : each == '}' ? -1 : 0;
            if (each == ' ' && depth <= 0) {
                words.add(text.substring(start, i));
                start = i + 1;
            }
        }
        words.add(text.substring(start));
        return words;
    }
}
