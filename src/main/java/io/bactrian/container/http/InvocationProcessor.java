package io.bactrian.container.http;

import io.bactrian.invocation.Answer;
import io.bactrian.invocation.PipelineCall;
import io.bactrian.limit.Deadline;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineConsumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Hands an HTTP request to its pipeline: a {@link PipelineRequest} in, an {@link Answer} out. The
 * pipeline has an exchange of its own context, whose original message is what the pipeline sees of
 * the request, and which is done, with what the request came to, before the request is answered.
 */
final class InvocationProcessor implements Processor {

    @Override
    public void process(Exchange exchange) throws Exception {
        PipelineRequest request = exchange.getMessage().getBody(PipelineRequest.class);
        PipelineConsumer pipeline = request.pipeline();
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        // For libraries that a model brings, which look for their own.
        thread.setContextClassLoader(
                pipeline.getEndpoint().getCamelContext().getApplicationContextClassLoader());
        Exchange called = pipeline.createExchange(false);
        try {
            ExchangeDeadline.set(
                    called, exchange.getProperty(PipelineConstants.DEADLINE, Deadline.class));
            request.call().prepare(called, request.headers(), request.body());
            pipeline.createUoW(called);
            pipeline.getProcessor().process(called);
            exchange.getMessage().setBody(answer(request.call(), called));
            exchange.setException(called.getException());
        } finally {
            pipeline.doneUoW(called);
            pipeline.releaseExchange(called, false);
            thread.setContextClassLoader(before);
        }
    }

    /** An answer that can't be sent is the pipeline's failure, for its hooks as well. */
    private static Answer answer(PipelineCall call, Exchange called) {
        if (called.getException() != null) {
            return null;
        }
        try {
            return call.answer(called);
        } catch (RuntimeException e) {
            called.setException(e);
            return null;
        }
    }
}
