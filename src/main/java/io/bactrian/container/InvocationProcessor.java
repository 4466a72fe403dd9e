package io.bactrian.container;

import io.bactrian.limit.Deadline;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineConsumer;
import io.bactrian.pipeline.PipelineEndpoint;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Hands an HTTP request to its pipeline and the pipeline's answer back.
 *
 * <p>The pipeline sees the body as bytes and of the headers only those it has a use for, so that no
 * caller can steer it by a header; and since Camel answers with every header left on the message,
 * nothing that came in goes out.
 */
final class InvocationProcessor implements Processor {

    private final PipelineSelector selector;

    InvocationProcessor(PipelineSelector selector) {
        this.selector = selector;
    }

    @Override
    public void process(Exchange exchange) {
        try {
            Message message = exchange.getMessage();
            Deadline deadline = deadline(message);
            if (deadline.isPassed()) {
                throw Turnstile.late();
            }
            exchange.setProperty(PipelineConstants.DEADLINE, deadline);
            PipelineConsumer pipeline = prepare(message);
            pipeline.getProcessor().process(exchange);
            Exception failure = exchange.getException();
            if (failure != null) {
                answer(exchange, ErrorAnswer.of(failure));
            } else {
                answer(exchange.getMessage(), pipeline.getEndpoint());
            }
        } catch (Exception | OutOfMemoryError e) {
            answer(exchange, ErrorAnswer.of(e));
        }
    }

    /** The turnstile's, for which waiting there and for a worker has counted. */
    private static Deadline deadline(Message message) {
        long nanoTime = Long.parseLong(message.getHeader(Turnstile.DEADLINE, String.class));
        return Deadline.after(Duration.ofNanos(nanoTime - System.nanoTime()));
    }

    private PipelineConsumer prepare(Message message) {
        RequestTarget target =
                RequestTarget.of(message.getHeader(Exchange.HTTP_PATH, String.class));
        String targetModel = message.getHeader(SageMakerHeaders.TARGET_MODEL, String.class);
        PipelineConsumer pipeline = selector.select(target.pipelineOr(targetModel));
        PipelineEndpoint endpoint = pipeline.getEndpoint();

        String contentType = message.getHeader(Exchange.CONTENT_TYPE, String.class);
        String accept = message.getHeader("Accept", String.class);
        Object customAttributes = message.getHeader(SageMakerHeaders.CUSTOM_ATTRIBUTES);
        Object inferenceId = message.getHeader(SageMakerHeaders.INFERENCE_ID);
        message.removeHeaders("*");
        // As SageMaker's own containers do, a request that does not say is taken for the usual
        // type.
        set(
                message,
                Exchange.CONTENT_TYPE,
                contentType == null ? endpoint.consumed().first() : contentType);
        set(message, PipelineConstants.ACCEPT, endpoint.produced().choose(accept));
        set(message, SageMakerHeaders.REQUEST_CUSTOM_ATTRIBUTES, customAttributes);
        set(message, SageMakerHeaders.REQUEST_INFERENCE_ID, inferenceId);
        message.setBody(bytes(message.getBody()));
        return pipeline;
    }

    private static void set(Message message, String header, Object value) {
        if (value != null) {
            message.setHeader(header, value);
        }
    }

    private static byte[] bytes(Object body) {
        return body instanceof Buffer buffer ? buffer.getBytes() : new byte[0];
    }

    private static void answer(Message message, PipelineEndpoint endpoint) {
        Object body = message.getBody();
        byte[] bytes =
                body instanceof byte[] ready
                        ? ready
                        : body instanceof String text
                                ? text.getBytes(StandardCharsets.UTF_8)
                                : body == null ? new byte[0] : message.getBody(byte[].class);
        if (bytes == null) {
            throw new IllegalStateException(
                    "pipeline \""
                            + endpoint.getName()
                            + "\" ended with a body of "
                            + body.getClass().getName()
                            + ", which can't be sent: marshal it as its last step");
        }
        String contentType = message.getHeader(Exchange.CONTENT_TYPE, String.class);
        String produced = message.getHeader(PipelineConstants.ACCEPT, String.class);
        if (produced != null
                && (contentType == null || !endpoint.produced().includes(contentType))) {
            message.setHeader(Exchange.CONTENT_TYPE, produced);
        }
        send(message, message.getHeader(Exchange.HTTP_RESPONSE_CODE, 200, Integer.class), bytes);
    }

    private static void answer(Exchange exchange, ErrorAnswer error) {
        exchange.setException(null);
        exchange.getExchangeExtension().setRedeliveryExhausted(false);
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.CONTENT_TYPE, HttpAnswers.JSON);
        if (error.status() == 503) {
            message.setHeader("Retry-After", "1");
        }
        send(message, error.status(), error.body());
    }

    /** A ByteBuffer is what Camel's HTTP server sends in one piece, with its length. */
    private static void send(Message message, int status, byte[] body) {
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        message.setBody(ByteBuffer.wrap(body));
    }
}
