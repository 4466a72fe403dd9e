package io.bactrian.container.http;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The codings of a request's body that are undone before a pipeline sees it. */
enum ContentEncoding {
    /** The body is as it is. */
    IDENTITY,
    /** RFC 1952. */
    GZIP,
    /** RFC 1950, or RFC 1951 alone, as some clients send it. */
    DEFLATE;

    /**
     * {@return null for a coding that is not known, or several}
     *
     * @param values those of the request's Content-Encoding headers
     */
    static @Nullable ContentEncoding of(List<String> values) {
        if (values.isEmpty()) {
            return IDENTITY;
        }
        if (values.size() > 1) {
            return null;
        }
        return switch (values.get(0).strip().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> IDENTITY;
            case "gzip", "x-gzip" -> GZIP;
            case "deflate" -> DEFLATE;
            default -> null;
        };
    }
}
