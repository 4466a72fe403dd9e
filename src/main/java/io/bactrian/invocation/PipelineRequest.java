package io.bactrian.invocation;

import io.bactrian.limit.Deadline;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.NotAcceptableException;
import io.bactrian.pipeline.PipelineConsumer;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.UnsupportedMediaTypeException;
import io.bactrian.tensor.BadInputException;
import org.apache.camel.Exchange;

/** A request whose pipeline is known and whose body is there. */
public final class PipelineRequest implements ReceivedRequest {

    private final PipelineConsumer pipeline;
    private final PipelineCall call;
    private final RequestHeaders headers;
    private final byte[] body;

    private PipelineRequest(
            PipelineConsumer pipeline, PipelineCall call, RequestHeaders headers, byte[] body) {
        this.pipeline = pipeline;
        this.call = call;
        this.headers = headers;
        this.body = body;
    }

    /** The head of a request that its pipeline takes, whose body may still be to come. */
    public static final class Head {

        private final PipelineConsumer pipeline;
        private final PipelineCall call;
        private final RequestHeaders headers;

        /**
         * @param pipeline the pipeline that the request goes to
         * @param headers the request's
         * @throws BadInputException if the request has several content types
         * @throws UnsupportedMediaTypeException if the pipeline does not take the body's type
         * @throws NotAcceptableException if the pipeline produces nothing that the request accepts
         */
        public Head(PipelineConsumer pipeline, RequestHeaders headers) {
            this.pipeline = pipeline;
            this.headers = headers;
            this.call =
                    new PipelineCall(
                            pipeline.getEndpoint(),
                            new Negotiation(pipeline.getEndpoint(), headers));
        }

        /** {@return the name of the pipeline} */
        public String pipelineName() {
            return pipeline.getEndpoint().getName();
        }

        /**
         * {@return the whole request}
         *
         * @param body the request's, as it was sent but for its content coding
         */
        public PipelineRequest with(byte[] body) {
            return new PipelineRequest(pipeline, call, headers, body);
        }
    }

    /**
     * Runs the pipeline on the calling thread, in an exchange of its own context whose original
     * message is what the pipeline sees of the request. The exchange is done, with what the request
     * came to, when this returns.
     *
     * @param deadline when the request's time is over
     * @return the answer of the pipeline
     * @throws PipelineFaultException if the answer is not marshalled
     * @throws Exception what the pipeline failed with, for {@link ErrorAnswers}
     */
    @Override
    public Answer invoke(Deadline deadline) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        // For libraries that a model brings, which look for their own.
        thread.setContextClassLoader(
                pipeline.getEndpoint().getCamelContext().getApplicationContextClassLoader());
        Exchange exchange = pipeline.createExchange(false);
        try {
            ExchangeDeadline.set(exchange, deadline);
            call.prepare(exchange, headers, body);
            pipeline.createUoW(exchange);
            pipeline.getProcessor().process(exchange);
            return answer(exchange);
        } finally {
            pipeline.doneUoW(exchange);
            pipeline.releaseExchange(exchange, false);
            thread.setContextClassLoader(before);
        }
    }

    private Answer answer(Exchange exchange) throws Exception {
        Exception failure = exchange.getException();
        if (failure != null) {
            throw failure;
        }
        try {
            return call.answer(exchange);
        } catch (RuntimeException e) {
            // An answer that can't be sent is the pipeline's failure, for its hooks as well.
            exchange.setException(e);
            throw e;
        }
    }
}
