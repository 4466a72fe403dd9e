package io.bactrian.pipeline;

import java.nio.charset.StandardCharsets;

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
}
