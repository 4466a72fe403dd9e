package io.bactrian.container;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/** Writes answers that no pipeline makes. */
final class HttpAnswers {

    static final String JSON = "application/json";

    private HttpAnswers() {}

    static void error(HttpServerResponse response, int status, String message) {
        error(response, new ErrorAnswer(status, message));
    }

    static void error(HttpServerResponse response, ErrorAnswer error) {
        if (response.ended()) {
            return;
        }
        if (error.retryAfterSeconds() > 0) {
            response.putHeader(
                    HttpHeaders.RETRY_AFTER, Integer.toString(error.retryAfterSeconds()));
        }
        response.setStatusCode(error.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                .end(Buffer.buffer(error.body()));
    }
}
