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
 * Decodes HTTP/1 requests, and refuses those whose end a proxy before this server might see
 * elsewhere, so that no request can be smuggled in another one's body: with both Content-Length and
 * Transfer-Encoding, or with another transfer encoding than chunked. Netty's own decoder would
 * choose one of the two headers, and takes a list of encodings for chunked if it ends so. It
 * refuses several lengths, and what is no length, by itself.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {

    /** The request's version is neither HTTP/1.1 nor HTTP/1.0. */
    static final class UnsupportedVersionException extends IllegalArgumentException {

        private static final long serialVersionUID = 1L;

        UnsupportedVersionException() {
            super("the HTTP version must be 1.1 or 1.0");
        }
    }

    /** Where the request ends is not clear. */
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
        // The same objects, as Vert.x compares them, which http/1.1 in other letters is not.
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
                                        "the only transfer encoding is chunked, of HTTP/1.1")));
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
