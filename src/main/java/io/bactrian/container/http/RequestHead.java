package io.bactrian.container.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;

/** Checks of a request's line and headers beyond those of Vert.x. */
final class RequestHead {

    private static final String CONTINUE = "100-continue";

    private RequestHead() {}

    /** {@return the Content-Length, or -1 if there is none} */
    static long contentLength(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        // The decoder has validated it.
        return length == null ? -1 : Long.parseLong(length);
    }

    /** {@return whether the client waits for 100 Continue before it sends the body} */
    static boolean expectsContinue(HttpServerRequest request) {
        // HTTP/1.0 has no interim responses.
        return request.version() == HttpVersion.HTTP_1_1
                && CONTINUE.equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT));
    }

    /** {@return whether the request has an expectation other than 100-continue} */
    static boolean expectsUnknown(HttpServerRequest request) {
        List<String> expectations = request.headers().getAll(HttpHeaders.EXPECT);
        return expectations.size() > 1
                || (expectations.size() == 1 && !CONTINUE.equalsIgnoreCase(expectations.get(0)));
    }

    /** {@return whether proxies and servers may interpret the headers differently} */
    static boolean isAmbiguous(HttpServerRequest request) {
        return request.headers().contains("")
                || request.headers().getAll(HttpHeaders.HOST).size() > 1;
    }

    /**
     * {@return whether each percent sign is followed by two hexadecimal digits}
     *
     * @param path the undecoded path
     */
    static boolean isWellFormed(String path) {
        for (int i = path.indexOf('%'); i >= 0; i = path.indexOf('%', i + 1)) {
            if (i + 2 >= path.length()
                    || !isHex(path.charAt(i + 1))
                    || !isHex(path.charAt(i + 2))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isHex(char c) {
        return Character.digit(c, 16) >= 0 && c < 128;
    }
}
