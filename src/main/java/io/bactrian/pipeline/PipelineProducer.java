package io.bactrian.pipeline;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;

/** Sends an exchange through a pipeline of the same Camel context. */
class PipelineProducer extends DefaultAsyncProducer {

    PipelineProducer(PipelineEndpoint endpoint) {
        super(endpoint);
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        PipelineEndpoint endpoint = (PipelineEndpoint) getEndpoint();
        PipelineConsumer consumer = endpoint.getComponent().pipeline(endpoint.getName());
        if (consumer == null) {
            String reason = endpoint.getComponent().brokenReason(endpoint.getName());
            exchange.setException(
                    reason == null
                            ? new IllegalStateException(
                                    "no pipeline \"" + endpoint.getName() + "\" is started")
                            : new PipelineUnavailableException(reason));
            callback.done(true);
            return true;
        }
        // Copies of the exchange that make tensors then know which exchange they stem from.
        TensorScope.of(exchange);
        return consumer.getAsyncProcessor().process(exchange, callback);
    }
}
