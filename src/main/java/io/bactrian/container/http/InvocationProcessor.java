package io.bactrian.container.http;

import io.bactrian.invocation.Answer;
import io.bactrian.invocation.PipelineRequest;
import io.bactrian.limit.Deadline;
import io.bactrian.pipeline.PipelineConstants;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * The processor that invokes the pipeline of a request: it replaces the {@link PipelineRequest} in
 * the body by the {@link Answer}. The pipeline's own exchange is completed before that.
 */
final class InvocationProcessor implements Processor {

    @Override
    public void process(Exchange exchange) throws Exception {
        PipelineRequest request = exchange.getMessage().getBody(PipelineRequest.class);
        Deadline deadline = exchange.getProperty(PipelineConstants.DEADLINE, Deadline.class);
        exchange.getMessage().setBody(request.invoke(deadline));
    }
}
