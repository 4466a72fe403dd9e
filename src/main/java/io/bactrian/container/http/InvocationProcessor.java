package io.bactrian.container.http;

import io.bactrian.invocation.Answer;
import io.bactrian.invocation.PipelineRequest;
import io.bactrian.limit.Deadline;
import io.bactrian.pipeline.PipelineConstants;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Hands an HTTP request to its pipeline: a {@link PipelineRequest} in, an {@link Answer} out. The
 * pipeline's own exchange is done before the request is answered.
 */
final class InvocationProcessor implements Processor {

    @Override
    public void process(Exchange exchange) throws Exception {
        PipelineRequest request = exchange.getMessage().getBody(PipelineRequest.class);
        Deadline deadline = exchange.getProperty(PipelineConstants.DEADLINE, Deadline.class);
        exchange.getMessage().setBody(request.invoke(deadline));
    }
}
