package io.bactrian.container.http;

import io.bactrian.invocation.ErrorAnswer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** Writes answers that do not come from a pipeline. */
final class HttpAnswers {

    static final String JSON = "application/json";

    private HttpAnswers() {}

    /** Answers a request whose body has not been read, or not completely, with an error. */
    static void refuse(HttpServerRequest request, int status, String message) {
        refuse(request, new ErrorAnswer(status, message));
    }

    /** Answers a request whose body has not been read, or not completely, with an error. */
    static void refuse(HttpServerRequest request, ErrorAnswer error) {
        if (!request.response().ended() && !isEndNear(request)) {
            // ConnectionGuard ensures that the client can read the answer.
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        error(request.response(), error);
    }

    /** Writes an error unless the request has been answered. */
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

    /**
     * {@return whether the rest of the request is known to be so small that reading it is cheaper
     * than a new connection} A client that sent {@code Expect: 100-continue} may never send it.
     */
    private static boolean isEndNear(HttpServerRequest request) {
        if (request.isEnded()) {
            return true;
        }
        if (RequestHead.expectsContinue(request)
                || request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
            return false;
        }
        return RequestHead.contentLength(request) <= ConnectionGuard.MAX_DISCARDED_BYTES;
    }
}
