package io.bactrian.container;

import io.bactrian.limit.Deadline;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineConsumer;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/** Hands an HTTP request to its pipeline and the pipeline's answer back. */
final class InvocationProcessor implements Processor {

    private final PipelineSelector selector;

    InvocationProcessor(PipelineSelector selector) {
        this.selector = selector;
    }

    @Override
    public void process(Exchange exchange) {
        Answer answer;
        try {
            answer = call(exchange);
        } catch (Throwable e) {
            answer = Answer.of(ErrorAnswer.of(e));
        }
        exchange.setException(null);
        exchange.getExchangeExtension().setRedeliveryExhausted(false);
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        answer.headers()
                .forEach(
                        (name, values) ->
                                message.setHeader(
                                        name, values.size() == 1 ? values.get(0) : values));
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, answer.status());
        // A ByteBuffer is what Camel's HTTP server sends in one piece, with its length.
        message.setBody(answer.body() == null ? null : ByteBuffer.wrap(answer.body()));
    }

    private Answer call(Exchange exchange) throws Exception {
        HttpMessage request = exchange.getMessage(HttpMessage.class);
        MultiMap headers = request.getRequest().headers();
        Deadline deadline = deadline(headers);
        if (deadline.isPassed()) {
            throw Turnstile.late();
        }
        exchange.setProperty(PipelineConstants.DEADLINE, deadline);
        RequestTarget target =
                RequestTarget.of(request.getHeader(Exchange.HTTP_PATH, String.class));
        PipelineConsumer pipeline =
                selector.select(target.pipelineOr(headers.get(SageMakerHeaders.TARGET_MODEL)));
        PipelineCall call =
                new PipelineCall(
                        pipeline.getEndpoint(), new Negotiation(pipeline.getEndpoint(), headers));
        Buffer body = request.getBody(Buffer.class);
        call.prepare(exchange, headers, body == null ? new byte[0] : body.getBytes());
        pipeline.getProcessor().process(exchange);
        Exception failure = exchange.getException();
        return failure != null ? Answer.of(ErrorAnswer.of(failure)) : call.answer(exchange);
    }

    /** The turnstile's, for which waiting there and for a worker has counted. */
    private static Deadline deadline(MultiMap headers) {
        long nanoTime = Long.parseLong(headers.get(Turnstile.DEADLINE));
        return Deadline.after(Duration.ofNanos(nanoTime - System.nanoTime()));
    }
}
