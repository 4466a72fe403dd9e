package io.bactrian.container.http;

import io.bactrian.invocation.ErrorAnswer;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/**
 * The first to see a request: refuses what is not well-formed HTTP or asks for what this server
 * does not do, before it is looked at further.
 */
final class RequestGate implements Handler<HttpServerRequest> {

    private final Handler<HttpServerRequest> next;

    /**
     * @param next takes the requests that are well-formed
     */
    RequestGate(Handler<HttpServerRequest> next) {
        this.next = next;
    }

    @Override
    public void handle(HttpServerRequest request) {
        try {
            look(request);
        } catch (OutOfMemoryError e) {
            // The client must not wait for an answer that does not come.
            request.connection().close();
            throw e;
        }
    }

    private void look(HttpServerRequest request) {
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
            HttpAnswers.refuse(request, 417, "the only expectation that is met is 100-continue");
        } else {
            next.handle(request);
        }
    }

    /** Answers a request that could not be decoded; the decoder reads nothing after it. */
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
