package io.bactrian.container.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.util.List;

/**
 * A decoder of HTTP/1 requests that prevents request smuggling: it refuses requests whose end a
 * proxy might determine differently, that is, with both Content-Length and Transfer-Encoding, or
 * with a transfer encoding other than chunked. Netty's decoder would choose one of the two headers,
 * and treats any list of encodings that ends with chunked as chunked. It refuses several or invalid
 * lengths itself.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {

    /** Thrown if the request's version is neither HTTP/1.1 nor HTTP/1.0. */
    static final class UnsupportedVersionException extends IllegalArgumentException {

        private static final long serialVersionUID = 1L;

        UnsupportedVersionException() {
            super("the HTTP version must be 1.1 or 1.0");
        }
    }

    /** Thrown if the end of the request is ambiguous. */
    static final class AmbiguousLengthException extends IllegalArgumentException {

        private static final long serialVersionUID = 1L;

        AmbiguousLengthException(String message) {
            super(message);
        }
    }

    private boolean refused;

    StrictRequestDecoder(HttpServerOptions options) {
        super(options);
    }

    @Override
    @SuppressWarnings("ReferenceEquality")
    protected HttpMessage createMessage(String[] initialLine) {
        HttpVersion version = HttpVersion.valueOf(initialLine[2]);
        // Compared by identity, as in Vert.x, so that "http/1.1" in lower case is refused, too.
        if (version != HttpVersion.HTTP_1_1 && version != HttpVersion.HTTP_1_0) {
            throw new UnsupportedVersionException();
        }
        return super.createMessage(initialLine);
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new AmbiguousLengthException(
                "a request has either Content-Length or Transfer-Encoding");
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf buffer, List<Object> out)
            throws Exception {
        if (refused) {
            buffer.skipBytes(buffer.readableBytes());
            return;
        }
        int before = out.size();
        super.decode(context, buffer, out);
        for (int i = before; i < out.size(); i++) {
            if (out.get(i) instanceof HttpRequest request && !isTransferEncodingKnown(request)) {
                refused = true;
                request.setDecoderResult(
                        DecoderResult.failure(
                                new AmbiguousLengthException(
                                        "the only supported transfer encoding is chunked, in HTTP/1.1")));
                while (out.size() > i + 1) {
                    ReferenceCountUtil.release(out.remove(out.size() - 1));
                }
            }
        }
    }

    private static boolean isTransferEncodingKnown(HttpRequest request) {
        List<String> encodings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        return encodings.isEmpty()
                || (encodings.size() == 1
                        && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encodings.get(0))
                        && request.protocolVersion().equals(HttpVersion.HTTP_1_1));
    }
}
