package io.bactrian.container.http;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A supported content encoding of request bodies, which are decoded before pipelines get them. */
enum ContentEncoding {
    /** No encoding. */
    IDENTITY,
    /** The gzip format, RFC 1952. */
    GZIP,
    /** The zlib format, RFC 1950, or raw deflate, RFC 1951, which some clients send instead. */
    DEFLATE;

    /**
     * {@return the encoding; null if it is unknown or there are several}
     *
     * @param values the values of the request's Content-Encoding headers
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
