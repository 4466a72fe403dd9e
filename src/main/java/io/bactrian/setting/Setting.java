package io.bactrian.setting;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A setting: an environment variable with its type, default and description.
 *
 * @param <T> the value's type
 * @param name the environment variable
 * @param option the option of the {@code tensorflow} component with this setting; null if there is
 *     none
 * @param topic the heading in the documentation
 * @param meaning a phrase that says what it sets
 * @param detail further sentences for the documentation; may be empty
 * @param values a phrase for the allowed values on this machine, such as {@code a whole number from
 *     1 to 2047}
 * @param documentedValues a phrase for the allowed values on any machine
 * @param defaultText the default in the documentation
 * @param defaultValue the value if the variable is not set or blank; may be null
 * @param parser parses the variable's text; returns null if the text is not allowed
 */
public record Setting<T>(
        String name,
        @Nullable String option,
        Topic topic,
        String meaning,
        String detail,
        String values,
        String documentedValues,
        String defaultText,
        @Nullable T defaultValue,
        Function<String, @Nullable T> parser) {

    /** A heading of the documentation. */
    public enum Topic {
        /** The models and pipelines that are served. */
        SERVING("Models and pipelines"),
        /** The HTTP server and the processing of requests. */
        REQUESTS("Requests"),
        /** Batching of requests. */
        BATCHING("Batching"),
        /** TensorFlow's sessions and libraries. */
        TENSORFLOW("TensorFlow"),
        /** The process and its log. */
        PROCESS("Process");

        private final String heading;

        Topic(String heading) {
            this.heading = heading;
        }

        /** {@return the text of the heading} */
        public String heading() {
            return heading;
        }
    }

    /**
     * {@return a setting whose value is any text}
     *
     * @param name the environment variable
     * @param topic the heading in the documentation
     * @param meaning a phrase that says what it sets
     */
    public static Setting<String> text(String name, Topic topic, String meaning) {
        return of(name, topic, meaning, "any text", text -> text);
    }

    /**
     * {@return a setting whose value is a path}
     *
     * @param name the environment variable
     * @param topic the heading in the documentation
     * @param meaning a phrase that says what it sets
     */
    public static Setting<Path> path(String name, Topic topic, String meaning) {
        return of(name, topic, meaning, "a path", Path::of);
    }

    /**
     * {@return a setting whose value is a list of paths, empty by default}
     *
     * @param name the environment variable
     * @param topic the heading in the documentation
     * @param meaning a phrase that says what it sets
     */
    public static Setting<List<Path>> paths(String name, Topic topic, String meaning) {
        Setting<List<Path>> paths =
                of(
                        name,
                        topic,
                        meaning,
                        "paths with commas or \"" + File.pathSeparator + "\" between",
                        text ->
                                Arrays.stream(text.split("[," + File.pathSeparator + "]"))
                                        .map(String::strip)
                                        .filter(path -> !path.isEmpty())
                                        .map(Path::of)
                                        .toList());
        return paths.or(List.of(), "none")
                .documented("paths with commas or the system's path separator between");
    }

    /**
     * {@return a setting whose value is an integer}
     *
     * @param name the environment variable
     * @param topic the heading in the documentation
     * @param min the minimum
     * @param max the maximum
     * @param meaning a phrase that says what it sets
     */
    public static Setting<Integer> number(
            String name, Topic topic, int min, int max, String meaning) {
        String values = "a whole number from " + min + " to " + max;
        return of(name, topic, meaning, values, text -> parse(text, min, max));
    }

    private static <T> Setting<T> of(
            String name,
            Topic topic,
            String meaning,
            String values,
            Function<String, @Nullable T> parser) {
        return new Setting<>(name, null, topic, meaning, "", values, values, "none", null, parser);
    }

    private static @Nullable Integer parse(String text, int min, int max) {
        try {
            int number = Integer.parseInt(text);
            return number >= min && number <= max ? number : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /**
     * {@return a setting whose value is {@code true} or {@code false}, ignoring case}
     *
     * @param name the environment variable
     * @param topic the heading in the documentation
     * @param meaning a phrase that says what it sets
     */
    public static Setting<Boolean> flag(String name, Topic topic, String meaning) {
        return of(
                name,
                topic,
                meaning,
                "true or false",
                text ->
                        switch (text.toLowerCase(Locale.ROOT)) {
                            case "true" -> Boolean.TRUE;
                            case "false" -> Boolean.FALSE;
                            default -> null;
                        });
    }

    /**
     * {@return the setting with a default}
     *
     * @param value the default, whose text is that of the documentation
     */
    public Setting<T> or(T value) {
        return or(value, String.valueOf(value));
    }

    /**
     * {@return the setting with a default}
     *
     * @param value the default; null if it depends on the models and pipelines
     * @param text the default in the documentation
     */
    public Setting<T> or(@Nullable T value, String text) {
        return with(option, detail, documentedValues, text, value);
    }

    /**
     * {@return the setting with other documented values, if the range depends on the machine}
     *
     * @param values a phrase for the allowed values on any machine
     */
    public Setting<T> documented(String values) {
        return with(option, detail, values, defaultText, defaultValue);
    }

    /**
     * {@return the setting with further documentation}
     *
     * @param sentences complete sentences
     */
    public Setting<T> with(String sentences) {
        return with(option, sentences, documentedValues, defaultText, defaultValue);
    }

    /**
     * {@return the setting as an option of the {@code tensorflow} component, too}
     *
     * @param option the option's name
     */
    public Setting<T> withOption(String option) {
        return with(option, detail, documentedValues, defaultText, defaultValue);
    }

    private Setting<T> with(
            @Nullable String option,
            String detail,
            String documentedValues,
            String defaultText,
            @Nullable T defaultValue) {
        return new Setting<>(
                name,
                option,
                topic,
                meaning,
                detail,
                values,
                documentedValues,
                defaultText,
                defaultValue,
                parser);
    }

    /**
     * {@return the value of a text}
     *
     * @param label the setting's name in the error
     * @param text the text, whose surrounding white space is ignored
     * @throws IllegalArgumentException if the value is not one of {@link #values}
     */
    public T parse(String label, String text) {
        T value = parser.apply(text.strip());
        if (value == null) {
            throw new IllegalArgumentException(
                    label + " must be " + values + ", got \"" + text.strip() + "\"");
        }
        return value;
    }
}
