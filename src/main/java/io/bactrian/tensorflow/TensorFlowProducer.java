package io.bactrian.tensorflow;

import io.bactrian.limit.Deadline;
import io.bactrian.model.Model;
import io.bactrian.model.Signature;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensorflow.TensorFlowEndpoint.ShapeFault;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;
import org.apache.camel.support.ExchangeHelper;

/**
 * The producer that runs the endpoint's model on the tensors in the body and sets its outputs as
 * the body. The exchange keeps the inputs, so that they can be sent to another model, or again.
 * {@linkplain PlainInputs Plain values} are converted to tensors first.
 */
class TensorFlowProducer extends DefaultProducer {

    TensorFlowProducer(TensorFlowEndpoint endpoint) {
        super(endpoint);
    }

    @Override
    public TensorFlowEndpoint getEndpoint() {
        return (TensorFlowEndpoint) super.getEndpoint();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        if (!getEndpoint().isSkipped()) {
            getEndpoint().load();
        }
    }

    @Override
    public void process(Exchange exchange) {
        Model served = getEndpoint().load();
        String signatureName =
                exchange.getMessage()
                        .getHeader(
                                TensorFlowConstants.SIGNATURE_NAME,
                                getEndpoint().getSignature(),
                                String.class);
        Signature signature = served.signature(signatureName);
        Deadline deadline = ExchangeDeadline.of(exchange);
        NamedTensors outputs;
        try (NamedTensors.Reference inputs = inputs(exchange, signature)) {
            outputs = served.predict(signature, inputs.asMap(), deadline);
        } catch (BadInputException e) {
            ShapeFault fault = getEndpoint().shapeFault(ExchangeHelper.getRouteId(exchange), e);
            throw fault == null ? e : new PipelineFaultException(fault.message());
        }
        ExchangeTensors.setBody(exchange, outputs);
    }

    private static NamedTensors.Reference inputs(Exchange exchange, Signature signature) {
        Object body = exchange.getMessage().getBody();
        return PlainInputs.isPlain(body)
                ? PlainInputs.of(body, signature).handOver()
                : ExchangeTensors.read(exchange);
    }
}
