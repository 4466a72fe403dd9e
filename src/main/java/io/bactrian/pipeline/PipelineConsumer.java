package io.bactrian.pipeline;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;

/** The start of a pipeline's route; known by its name while the route is started. */
public class PipelineConsumer extends DefaultConsumer {

    PipelineConsumer(PipelineEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
    }

    @Override
    public PipelineEndpoint getEndpoint() {
        return (PipelineEndpoint) super.getEndpoint();
    }

    /** Copies of the exchange that make tensors then know which exchange they stem from. */
    @Override
    public Exchange createExchange(boolean autoRelease) {
        Exchange exchange = super.createExchange(autoRelease);
        TensorScope.of(exchange);
        return exchange;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        getEndpoint().getComponent().pipelines().add(this);
    }

    @Override
    protected void doStop() throws Exception {
        getEndpoint().getComponent().pipelines().remove(this);
        super.doStop();
    }
}
