package io.bactrian.container.http;

import io.bactrian.invocation.ErrorAnswer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** Writes answers that no pipeline makes. */
public final class HttpAnswers {

    public static final String JSON = "application/json";

    private HttpAnswers() {}

    /** Answers a request of which nothing, or not all, has been read. */
    static void refuse(HttpServerRequest request, int status, String message) {
        refuse(request, new ErrorAnswer(status, message));
    }

    /** Answers a request of which nothing, or not all, has been read. */
    static void refuse(HttpServerRequest request, ErrorAnswer error) {
        if (!request.response().ended() && !isEndNear(request)) {
            // ConnectionGuard sees to it that the client can read the answer.
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        error(request.response(), error);
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

    /**
     * Whether what is left of the request is known to be so little that reading it is cheaper than
     * another connection. A client that asked whether to send its body may not send it.
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
