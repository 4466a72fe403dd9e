package io.bactrian.invocation;

import io.bactrian.pipeline.BodyOrigin;
import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.HttpToken;
import io.bactrian.pipeline.MediaType;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineEndpoint;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.UnsupportedMediaTypeException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request to a pipeline, seen from the pipeline: what it gets of the request, and the
 * answer that is made of what it leaves.
 *
 * <p>The pipeline sees the body as the bytes that were sent, and of the headers only those that it
 * names, so that no caller can steer it by another. Every header that the route sets is the
 * answer's. None of the request comes back: neither does its {@code Content-Type}, which is on the
 * message for the route to read.
 */
public final class PipelineCall {

    private static final int OK = 200;
    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;
    private static final int MIN_STATUS = 200;
    private static final int MAX_STATUS = 599;

    /** Headers about the connection or the body's way, which are the server's to set. */
    private static final Set<String> SERVERS_OWN =
            Set.of(
                    "connection",
                    "content-length",
                    "date",
                    "host",
                    "keep-alive",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade");

    /** No control characters, and none of those that HTTP has no byte for and would send as ?. */
    private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x80-\\xff]*");

    private final PipelineEndpoint pipeline;
    private final Negotiation negotiation;

    /**
     * The headers that the request has put on the message. One is still the request's if it has the
     * same instance as its value; everything else the route has set.
     */
    private final Map<String, String> given = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    /**
     * @param pipeline the endpoint that the pipeline's route is from
     * @param negotiation of the request with that pipeline
     */
    public PipelineCall(PipelineEndpoint pipeline, Negotiation negotiation) {
        this.pipeline = pipeline;
        this.negotiation = negotiation;
    }

    /**
     * Makes the request the exchange's message.
     *
     * @param exchange the exchange that the pipeline runs in
     * @param headers the request's
     * @param body the request's, as it was sent
     */
    public void prepare(Exchange exchange, RequestHeaders headers, byte[] body) {
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        give(message, Exchange.CONTENT_TYPE, negotiation.contentType());
        for (String name : pipeline.visibleHeaders()) {
            List<String> values = headers.all(name);
            if (!values.isEmpty()) {
                give(message, name, String.join(", ", values));
            }
        }
        set(message, PipelineConstants.ACCEPT, negotiation.chosen());
        set(
                message,
                SageMakerHeaders.REQUEST_CUSTOM_ATTRIBUTES,
                headers.first(SageMakerHeaders.CUSTOM_ATTRIBUTES));
        set(
                message,
                SageMakerHeaders.REQUEST_INFERENCE_ID,
                headers.first(SageMakerHeaders.INFERENCE_ID));
        Charset charset = negotiation.charset();
        if (charset != null) {
            exchange.setProperty(ExchangePropertyKey.CHARSET_NAME, charset.name());
        }
        message.setBody(body);
        BodyOrigin.setRequestBody(exchange, body);
    }

    private void give(Message message, String header, @Nullable String value) {
        if (value != null) {
            String own = new String(value);
            given.put(header, own);
            message.setHeader(header, own);
        }
    }

    private static void set(Message message, String header, @Nullable Object value) {
        if (value != null) {
            message.setHeader(header, value);
        }
    }

    /**
     * {@return the answer that the pipeline has left on the exchange}
     *
     * @param exchange the exchange that the pipeline runs in
     * @throws io.bactrian.pipeline.NotAcceptableException if the request does not accept its type
     * @throws PipelineFaultException if it is not marshalled
     * @throws IllegalStateException if it can't be sent for another reason
     */
    public Answer answer(Exchange exchange) {
        Message message = exchange.getMessage();
        int status = status(message);
        Map<String, List<String>> headers = headers(message);
        if (status == NO_CONTENT || status == NOT_MODIFIED) {
            headers.remove(Exchange.CONTENT_TYPE);
            return new Answer(status, headers, null);
        }
        Object body = message.getBody();
        MediaType type = negotiation.ofAnswer(contentType(message), body instanceof String);
        pipeline.checkProduced(type);
        headers.put(
                Exchange.CONTENT_TYPE,
                values(message, Exchange.CONTENT_TYPE, List.of(type.toString())));
        return new Answer(status, headers, bytes(body, type, message));
    }

    /** What the route has set: not the request's, which is still there if it has not. */
    private @Nullable String contentType(Message message) {
        Object header = message.getHeader(Exchange.CONTENT_TYPE);
        return header == null || isRequests(Exchange.CONTENT_TYPE, header)
                ? null
                : message.getHeader(Exchange.CONTENT_TYPE, String.class);
    }

    private int status(Message message) {
        Object value = message.getHeader(Exchange.HTTP_RESPONSE_CODE);
        if (value == null) {
            return OK;
        }
        int status = -1;
        try {
            status = Integer.parseInt(value.toString().strip());
        } catch (NumberFormatException e) {
            // Refused below.
        }
        if (status < MIN_STATUS || status > MAX_STATUS) {
            throw fault(
                    "set the header "
                            + Exchange.HTTP_RESPONSE_CODE
                            + " to "
                            + value
                            + ", which is no status from "
                            + MIN_STATUS
                            + " to "
                            + MAX_STATUS);
        }
        return status;
    }

    private Map<String, List<String>> headers(Message message) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        message.getHeaders()
                .forEach(
                        (name, value) -> {
                            if (isAnswers(name) && !isRequests(name, value)) {
                                List<String> values = values(message, name, value);
                                if (!values.isEmpty()) {
                                    headers.put(name, values);
                                }
                            }
                        });
        return headers;
    }

    private boolean isRequests(String header, Object value) {
        return given.get(header) == value;
    }

    private static boolean isAnswers(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return !lower.startsWith("camel")
                && !lower.startsWith("org.apache.camel")
                && !SERVERS_OWN.contains(lower)
                && !lower.equals("content-type");
    }

    private List<String> values(Message message, String name, Object value) {
        Collection<?> all =
                value instanceof Collection<?> several
                        ? several
                        : value instanceof Object[] array
                                ? Arrays.asList(array)
                                : Collections.singleton(value);
        List<String> values = new ArrayList<>();
        for (Object one : all) {
            if (one != null) {
                String text = text(message, one);
                // Found later, half of the answer would be on its way.
                if (!HttpToken.matches(name) || !VALUE.matcher(text).matches()) {
                    throw fault("set a header that can't be sent: " + name + ": " + text);
                }
                values.add(text);
            }
        }
        return values;
    }

    /** Such as of bytes, which the request's body is. */
    private static String text(Message message, Object value) {
        String text =
                message.getExchange()
                        .getContext()
                        .getTypeConverter()
                        .tryConvertTo(String.class, message.getExchange(), value);
        return text == null ? value.toString() : text;
    }

    private byte[] bytes(@Nullable Object body, MediaType type, Message message) {
        if (body == null) {
            return new byte[0];
        }
        if (body instanceof String text) {
            return encode(text, type);
        }
        // What is turned into text on the way to bytes is UTF-8, whatever the request was.
        message.getExchange().removeProperty(ExchangePropertyKey.CHARSET_NAME);
        byte[] bytes = BodyText.bytesOrNull(message.getExchange(), body);
        if (bytes == null) {
            throw new PipelineFaultException(
                    "pipeline \""
                            + pipeline.getName()
                            + "\" ended with a body of "
                            + body.getClass().getName()
                            + ", which can't be sent: marshal it as its last step");
        }
        return bytes;
    }

    private byte[] encode(String text, MediaType type) {
        try {
            Charset declared = type.charset();
            Charset charset = declared == null ? StandardCharsets.UTF_8 : declared;
            ByteBuffer encoded = charset.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException
                | UnsupportedMediaTypeException
                | UnsupportedOperationException e) {
            // Not as the cause: it is the pipeline's charset, not the request's.
            throw fault("ended with a text that can't be sent as " + type + ": " + e);
        }
    }

    private IllegalStateException fault(String what) {
        return new IllegalStateException("pipeline \"" + pipeline.getName() + "\" " + what);
    }
}
