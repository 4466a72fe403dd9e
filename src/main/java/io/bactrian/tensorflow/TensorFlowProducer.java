package io.bactrian.tensorflow;

import io.bactrian.model.LoadedModel;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.tensor.NamedTensors;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;

/** Runs the endpoint's model on the tensors of a message, and frees them as soon as it has run. */
class TensorFlowProducer extends DefaultProducer {

    TensorFlowProducer(TensorFlowEndpoint endpoint) {
        super(endpoint);
    }

    @Override
    public TensorFlowEndpoint getEndpoint() {
        return (TensorFlowEndpoint) super.getEndpoint();
    }

    @Override
    public void process(Exchange exchange) {
        LoadedModel model = getEndpoint().loaded();
        String signature =
                exchange.getMessage()
                        .getHeader(
                                TensorFlowConstants.SIGNATURE_NAME,
                                getEndpoint().getSignature(),
                                String.class);
        NamedTensors outputs;
        try (NamedTensors inputs = ExchangeTensors.getBody(exchange)) {
            outputs = model.predict(model.signature(signature), inputs);
        }
        ExchangeTensors.setBody(exchange, outputs);
    }
}
