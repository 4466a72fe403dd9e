package io.bactrian.container;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Hands an HTTP request to its pipeline: a {@link PipelineRequest} in, an {@link Answer} out. */
final class InvocationProcessor implements Processor {

    @Override
    public void process(Exchange exchange) throws Exception {
        PipelineRequest request = exchange.getMessage().getBody(PipelineRequest.class);
        request.call().prepare(exchange, request.headers(), request.body());
        request.pipeline().getProcessor().process(exchange);
        if (exchange.getException() == null) {
            exchange.getMessage().setBody(request.call().answer(exchange));
        }
    }
}
