package io.bactrian.pipeline;

import io.bactrian.tensor.BadInputException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Names of models and pipelines in endpoint URIs. A folder may be called anything, and Camel gives
 * a meaning to {@code ?}, {@code &}, <code>{{}}</code>, {@code RAW()} and {@code %}: it even takes
 * {@code a%20b}, {@code a%2520b} and {@code a b} for one URI. So an endpoint that is made for a
 * name is made as an object, and its URI is only what it is known by.
 */
public final class UriNames {

    private UriNames() {}

    /**
     * {@return the name with everything but ASCII letters, digits, {@code .}, {@code _} and {@code
     * -} in hexadecimal; no two names give the same}
     *
     * @param name any name
     */
    public static String encode(String name) {
        StringBuilder encoded = new StringBuilder(name.length());
        for (byte each : name.getBytes(StandardCharsets.UTF_8)) {
            if ((each >= 'a' && each <= 'z')
                    || (each >= 'A' && each <= 'Z')
                    || (each >= '0' && each <= '9')
                    || each == '.'
                    || each == '_'
                    || each == '-') {
                encoded.append((char) each);
            } else {
                encoded.append('~').append(String.format("%02X", each));
            }
        }
        return encoded.toString();
    }

    /**
     * {@return the name that a part of a path or of an endpoint URI is percent-encoded from}
     *
     * @param encoded the part, in which a plus sign is literal
     * @throws IllegalArgumentException if % is not followed by two hexadecimal digits
     */
    public static String decode(String encoded) {
        // The decoder would replace a plus sign by a space.
        return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /**
     * Refuses references to beans and classes among the options of an endpoint, none of which takes
     * one: where a request may name the endpoint, it could have objects of any class made.
     *
     * @param options the options by name, as in the endpoint's URI
     * @throws BadInputException if there is one
     */
    public static void refuseReferences(Map<String, Object> options) {
        options.forEach(
                (name, value) -> {
                    if (value instanceof String text && text.startsWith("#")) {
                        throw new BadInputException(
                                "the option " + name + " can't be a reference to a bean");
                    }
                });
    }
}
