package io.bactrian.pipeline;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;

/**
 * Sends an exchange through a pipeline: of the same Camel context as it is, of another as an
 * exchange of its own, whose message becomes this one's.
 */
class PipelineProducer extends DefaultAsyncProducer {

    /** Beyond any purpose: what is deeper has no end, and would take all memory. */
    static final int MAX_DEPTH = 100;

    /** An exchange property: how many calls of pipelines the exchange is in. */
    private static final String DEPTH = "bactrian.depth";

    PipelineProducer(PipelineEndpoint endpoint) {
        super(endpoint);
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        PipelineEndpoint endpoint = (PipelineEndpoint) getEndpoint();
        PipelineRegistry pipelines = endpoint.getComponent().pipelines();
        PipelineConsumer consumer = pipelines.pipeline(endpoint.getName());
        if (consumer == null) {
            String reason = pipelines.brokenReason(endpoint.getName());
            exchange.setException(
                    reason == null
                            ? new PipelineNotFoundException(
                                    "no pipeline \""
                                            + endpoint.getName()
                                            + "\" is served here: there are "
                                            + pipelines.names())
                            : new PipelineUnavailableException(reason));
            callback.done(true);
            return true;
        }
        Integer depth = exchange.getProperty(DEPTH, Integer.class);
        int calls = depth == null ? 1 : depth + 1;
        if (calls > MAX_DEPTH) {
            exchange.setException(
                    new PipelineFaultException(
                            "pipeline \""
                                    + endpoint.getName()
                                    + "\" is called from within itself without an end"));
            callback.done(true);
            return true;
        }
        exchange.setProperty(DEPTH, calls);
        return call(
                consumer,
                exchange,
                synchronous -> {
                    exchange.setProperty(DEPTH, depth);
                    callback.done(synchronous);
                });
    }

    private static boolean call(
            PipelineConsumer consumer, Exchange exchange, AsyncCallback callback) {
        if (consumer.getEndpoint().getCamelContext() != exchange.getContext()) {
            return new PipelineExchange(consumer, exchange).process(callback);
        }
        // Copies of the exchange that make tensors then know which exchange they stem from.
        TensorScope.of(exchange);
        return consumer.getAsyncProcessor().process(exchange, callback);
    }
}
