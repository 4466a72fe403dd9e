package io.bactrian.fuzz.http;

import java.util.Map;

/**
 * A response as it came over the connection.
 *
 * @param status such as 200
 * @param headers by lower-case name, the last of each
 * @param body without chunked coding
 */
record RawResponse(int status, Map<String, String> headers, byte[] body) {

    boolean closes() {
        return "close".equalsIgnoreCase(headers.get("connection"));
    }
}
