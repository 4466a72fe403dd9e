package io.bactrian.pipeline;

import java.util.regex.Pattern;

/**
 * The {@code token} of RFC 9110, section 5.6.2: the syntax of header names and of parameter values
 * without quotes.
 */
public final class HttpToken {

    private static final Pattern TOKEN = Pattern.compile("[\\w!#$%&'*+.^`|~-]+");

    private HttpToken() {}

    /**
     * {@return whether all of the text is one token}
     *
     * @param text such as the name of a header
     */
    public static boolean matches(String text) {
        return TOKEN.matcher(text).matches();
    }
}
