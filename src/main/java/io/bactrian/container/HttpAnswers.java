package io.bactrian.container;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/** Writes answers that no pipeline makes. */
final class HttpAnswers {

    static final String JSON = "application/json";

    private HttpAnswers() {}

    static void error(HttpServerResponse response, int status, String message) {
        if (response.ended()) {
            return;
        }
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                .end(Buffer.buffer(new ErrorAnswer(status, message).body()));
    }
}
