package io.bactrian.container;

import io.bactrian.route.ConfigurationException;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A setting: an environment variable with its type, its default and its meaning.
 *
 * @param <T> the value's type
 * @param name the environment variable
 * @param topic the heading under which documentation lists it
 * @param meaning what it sets, a phrase
 * @param detail what else documentation has to say of it, whole sentences; may be empty
 * @param values what may be set on this machine, a phrase such as {@code a whole number from 1 to
 *     2047}
 * @param documentedValues what may be set on any machine
 * @param defaultText the default as documentation shows it
 * @param defaultValue the value where the variable is not set or blank; may be null
 * @param parser makes the value of the variable's text; null if the text is none of {@code values}
 */
record Setting<T>(
        String name,
        Topic topic,
        String meaning,
        String detail,
        String values,
        String documentedValues,
        String defaultText,
        @Nullable T defaultValue,
        Function<String, @Nullable T> parser) {

    /** A heading of the documentation. */
    enum Topic {
        SERVING("Models and pipelines"),
        REQUESTS("Requests"),
        BATCHING("Batching"),
        TENSORFLOW("TensorFlow"),
        PROCESS("Process");

        private final String heading;

        Topic(String heading) {
            this.heading = heading;
        }

        String heading() {
            return heading;
        }
    }

    /** {@return a setting whose value is any text} */
    static Setting<String> text(String name, Topic topic, String meaning) {
        return new Setting<>(
                name, topic, meaning, "", "any text", "any text", "none", null, text -> text);
    }

    /** {@return a setting whose value is a path} */
    static Setting<Path> path(String name, Topic topic, String meaning) {
        return new Setting<>(name, topic, meaning, "", "a path", "a path", "none", null, Path::of);
    }

    /** {@return a setting whose value is a list of paths, empty by default} */
    static Setting<List<Path>> paths(String name, Topic topic, String meaning) {
        return new Setting<>(
                name,
                topic,
                meaning,
                "",
                "paths with commas or \"" + File.pathSeparator + "\" between",
                "paths with commas or the system's path separator between",
                "none",
                List.of(),
                text ->
                        Arrays.stream(text.split("[," + File.pathSeparator + "]"))
                                .map(String::strip)
                                .filter(path -> !path.isEmpty())
                                .map(Path::of)
                                .toList());
    }

    /** {@return a setting whose value is a whole number} */
    static Setting<Integer> number(String name, Topic topic, int min, int max, String meaning) {
        String values = "a whole number from " + min + " to " + max;
        return new Setting<>(
                name,
                topic,
                meaning,
                "",
                values,
                values,
                "none",
                null,
                text -> parse(text, min, max));
    }

    private static @Nullable Integer parse(String text, int min, int max) {
        try {
            int number = Integer.parseInt(text);
            return number >= min && number <= max ? number : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** {@return a setting that is {@code true} or {@code false}, in any case of letters} */
    static Setting<Boolean> flag(String name, Topic topic, String meaning) {
        return new Setting<>(
                name,
                topic,
                meaning,
                "",
                "true or false",
                "true or false",
                "none",
                null,
                text ->
                        switch (text.toLowerCase(Locale.ROOT)) {
                            case "true" -> Boolean.TRUE;
                            case "false" -> Boolean.FALSE;
                            default -> null;
                        });
    }

    /** {@return the setting with a default} */
    Setting<T> or(T value) {
        return or(value, String.valueOf(value));
    }

    /**
     * {@return the setting with a default}
     *
     * @param value may be null where what is served decides
     * @param text the default as documentation shows it
     */
    Setting<T> or(@Nullable T value, String text) {
        return new Setting<>(
                name, topic, meaning, detail, values, documentedValues, text, value, parser);
    }

    /** {@return the setting with other words for its values, whose range the machine decides} */
    Setting<T> documented(String values) {
        return new Setting<>(
                name,
                topic,
                meaning,
                detail,
                this.values,
                values,
                defaultText,
                defaultValue,
                parser);
    }

    /** {@return the setting with more to say of it, in whole sentences} */
    Setting<T> with(String sentences) {
        return new Setting<>(
                name,
                topic,
                meaning,
                sentences,
                values,
                documentedValues,
                defaultText,
                defaultValue,
                parser);
    }

    /**
     * {@return the value that the environment sets, else the default; null if there is none either}
     *
     * @throws ConfigurationException naming the variable if its text is none of {@link #values}
     */
    @Nullable T read(Map<String, String> environment) {
        String text = environment.get(name);
        if (text == null || text.isBlank()) {
            return defaultValue;
        }
        T value = parser.apply(text.strip());
        if (value == null) {
            throw new ConfigurationException(
                    name + " must be " + values + ", got \"" + text.strip() + "\"");
        }
        return value;
    }
}
