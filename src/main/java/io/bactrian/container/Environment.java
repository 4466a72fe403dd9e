package io.bactrian.container;

import io.bactrian.route.ConfigurationException;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Reads settings from environment variables. One that is blank is not set.
 *
 * @param variables such as {@link System#getenv()}
 */
record Environment(Map<String, String> variables) {

    /**
     * @return the variable's text, or {@code otherwise} if it is not set
     */
    String text(String name, String otherwise) {
        String value = variables.get(name);
        return value == null || value.isBlank() ? otherwise : value.strip();
    }

    /** {@return the variable's paths, with commas or the system's separator between} */
    List<Path> paths(String name) {
        return Arrays.stream(text(name, "").split("[," + File.pathSeparator + "]"))
                .map(String::strip)
                .filter(path -> !path.isEmpty())
                .map(Path::of)
                .toList();
    }

    /**
     * @return the variable's number, or {@code otherwise} if it is not set
     * @throws ConfigurationException if it is no whole number of that range
     */
    int number(String name, int otherwise, int least, int most) {
        return number(name, least, most).orElse(otherwise);
    }

    /**
     * @return the variable's number, or empty if it is not set
     * @throws ConfigurationException if it is no whole number of that range
     */
    OptionalInt number(String name, int least, int most) {
        String value = text(name, null);
        if (value == null) {
            return OptionalInt.empty();
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return OptionalInt.of(number);
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw wrong(name, "a whole number from " + least + " to " + most, value);
    }

    /**
     * @return the variable's truth, in any case of letters, or null if it is not set
     * @throws ConfigurationException if it is neither true nor false
     */
    Boolean truth(String name) {
        String value = text(name, null);
        if (value == null) {
            return null;
        }
        if (value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false")) {
            return Boolean.valueOf(value);
        }
        throw wrong(name, "true or false", value);
    }

    private static ConfigurationException wrong(String name, String expected, String value) {
        return new ConfigurationException(
                name + " must be " + expected + ", got \"" + value + "\"");
    }
}
