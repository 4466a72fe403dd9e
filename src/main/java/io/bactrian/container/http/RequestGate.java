package io.bactrian.container.http;

import io.bactrian.invocation.ErrorAnswer;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/**
 * The first handler of all requests. It refuses malformed and ambiguous requests and unsupported
 * expectations.
 */
final class RequestGate implements Handler<HttpServerRequest> {

    private final Handler<HttpServerRequest> next;

    /**
     * Creates a handler.
     *
     * @param next the handler of well-formed requests
     */
    RequestGate(Handler<HttpServerRequest> next) {
        this.next = next;
    }

    @Override
    public void handle(HttpServerRequest request) {
        try {
            check(request);
        } catch (OutOfMemoryError e) {
            // The client would wait for an answer.
            request.connection().close();
            throw e;
        }
    }

    private void check(HttpServerRequest request) {
        String path = request.path();
        if (path == null || !RequestHead.isWellFormed(path)) {
            HttpAnswers.refuse(
                    request,
                    400,
                    "the path is not well-formed: % must be followed by two hexadecimal digits");
        } else if (RequestHead.isAmbiguous(request)) {
            HttpAnswers.refuse(
                    request, 400, "the request has more than one Host, or a header without a name");
        } else if (RequestHead.expectsUnknown(request)) {
            HttpAnswers.refuse(request, 417, "the only supported expectation is 100-continue");
        } else {
            next.handle(request);
        }
    }

    /** Answers a request that could not be decoded, after which the decoder reads nothing more. */
    static void refuseInvalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        HttpAnswers.error(request.response(), answer(cause));
    }

    private static ErrorAnswer answer(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return new ErrorAnswer(414, "the request line is too long");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return new ErrorAnswer(431, "the request's headers are too large");
        }
        if (cause instanceof StrictRequestDecoder.UnsupportedVersionException) {
            return new ErrorAnswer(505, String.valueOf(cause.getMessage()));
        }
        if (cause instanceof StrictRequestDecoder.AmbiguousLengthException) {
            return new ErrorAnswer(400, String.valueOf(cause.getMessage()));
        }
        return new ErrorAnswer(400, "the request is not well-formed HTTP");
    }
}
