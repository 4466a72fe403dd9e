package io.bactrian.pipeline;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.Utf8;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.support.ExchangeHelper;
import org.jspecify.annotations.Nullable;

/**
 * Reads a text from a message body, without silent repair: where Camel's and Java's own conversions
 * replace what is no text in the body's charset, it is refused here.
 *
 * <p>The charset is that of the exchange ({@link Exchange#CHARSET_NAME}), else that of the
 * message's {@code Content-Type}, else UTF-8. A byte order mark at the start is no part of the
 * text.
 */
public final class BodyText {

    private static final char BYTE_ORDER_MARK = '\ufeff';

    private BodyText() {}

    /**
     * {@return the text}
     *
     * @param exchange the exchange of the body, whose {@code Content-Type} names the charset
     * @param body text, or what Camel converts to bytes; null counts as empty
     * @throws BadInputException if the bytes are no text in their charset
     * @throws UnsupportedMediaTypeException if there is no such charset here
     */
    public static String of(Exchange exchange, @Nullable Object body) {
        if (body instanceof String text) {
            return text;
        }
        return decode(bytes(exchange, body), charset(exchange));
    }

    /**
     * {@return the text's bytes in UTF-8} Bytes that are said to be UTF-8 are returned as they are,
     * and may be anything.
     *
     * @param exchange the exchange of the body, whose {@code Content-Type} names the charset
     * @param body text, or what Camel converts to bytes; null counts as empty
     * @throws BadInputException if the text is ill-formed, or the bytes are no text in their
     *     charset
     * @throws UnsupportedMediaTypeException if there is no such charset here
     */
    public static byte[] utf8(Exchange exchange, @Nullable Object body) {
        if (body instanceof String text) {
            return Utf8.encode(text, "the body");
        }
        Charset charset = charset(exchange);
        byte[] bytes = bytes(exchange, body);
        return charset.equals(StandardCharsets.UTF_8)
                ? bytes
                : Utf8.encode(decode(bytes, charset), "the body");
    }

    /**
     * {@return whether the bodies' bytes are UTF-8, declared or by default}
     *
     * @param exchange the exchange of the body, whose {@code Content-Type} names the charset
     */
    public static boolean isUtf8(Exchange exchange) {
        return charset(exchange).equals(StandardCharsets.UTF_8);
    }

    private static Charset charset(Exchange exchange) {
        String name = ExchangeHelper.getCharsetName(exchange, false);
        if (name != null) {
            return MediaType.charset(name);
        }
        String contentType = exchange.getMessage().getHeader(Exchange.CONTENT_TYPE, String.class);
        Charset declared = contentType == null ? null : MediaType.of(contentType).charset();
        return declared == null ? StandardCharsets.UTF_8 : declared;
    }

    /**
     * {@return the body's bytes as they are}
     *
     * @param exchange the exchange, whose context has the converters
     * @param body what Camel converts to bytes; null counts as empty
     * @throws PipelineFaultException if it can't be converted
     */
    public static byte[] bytes(Exchange exchange, @Nullable Object body) {
        byte[] bytes = bytesOrNull(exchange, body);
        if (bytes == null) {
            throw new PipelineFaultException(
                    "expected bytes or text as the message body, got "
                            + Objects.requireNonNull(body).getClass().getSimpleName());
        }
        return bytes;
    }

    /**
     * {@return the text's bytes in UTF-8 as a stream, which the caller closes} A stream or file of
     * UTF-8 is not read; other bodies are as of {@link #utf8}.
     *
     * @param exchange the exchange of the body, whose {@code Content-Type} names the charset
     * @param body text, or what Camel converts to bytes or a stream; null counts as empty
     */
    public static InputStream utf8Stream(Exchange exchange, @Nullable Object body) {
        return !(body instanceof String) && isUtf8(exchange)
                ? stream(exchange, body)
                : new ByteArrayInputStream(utf8(exchange, body));
    }

    /**
     * {@return the body's bytes as they are as a stream, which the caller closes} A stream or file
     * is not read.
     *
     * @param exchange the exchange, whose context has the converters
     * @param body what Camel converts to bytes or a stream; null counts as empty
     * @throws PipelineFaultException if it can't be converted
     */
    public static InputStream stream(Exchange exchange, @Nullable Object body) {
        if (body instanceof InputStream stream) {
            return stream;
        }
        if (body == null || body instanceof byte[] || body instanceof ByteBuffer) {
            return new ByteArrayInputStream(bytes(exchange, body));
        }
        InputStream stream =
                exchange.getContext()
                        .getTypeConverter()
                        .convertTo(InputStream.class, exchange, body);
        return stream == null ? new ByteArrayInputStream(bytes(exchange, body)) : stream;
    }

    /**
     * {@return the body's bytes as they are; null if Camel has no converter for it}
     *
     * @param exchange the exchange, whose context has the converters
     * @param body what Camel converts to bytes; null counts as empty
     * @throws org.apache.camel.TypeConversionException if the converter fails, as with a stream
     *     that can't be read
     */
    public static byte @Nullable [] bytesOrNull(Exchange exchange, @Nullable Object body) {
        if (body == null) {
            return new byte[0];
        }
        if (body instanceof byte[] bytes) {
            return bytes;
        }
        if (body instanceof ByteBuffer buffer) {
            // Camel's converter would move its position: the next reader would find nothing.
            byte[] copy = new byte[buffer.remaining()];
            buffer.duplicate().get(copy);
            return copy;
        }
        return exchange.getContext().getTypeConverter().convertTo(byte[].class, exchange, body);
    }

    private static String decode(byte[] bytes, Charset charset) {
        CharsetDecoder decoder =
                charset.newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long room = (long) Math.ceil((double) bytes.length * decoder.maxCharsPerByte());
        CharBuffer out = CharBuffer.allocate(Math.toIntExact(room));
        CoderResult result = decoder.decode(in, out, true);
        if (!result.isError()) {
            result = decoder.flush(out);
        }
        if (result.isError()) {
            throw new BadInputException(
                    "the body is not " + charset + " text, at byte " + in.position());
        }
        out.flip();
        boolean marked = out.hasRemaining() && out.get(0) == BYTE_ORDER_MARK;
        return out.subSequence(marked ? 1 : 0, out.length()).toString();
    }
}
