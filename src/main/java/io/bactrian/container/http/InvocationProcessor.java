package io.bactrian.container.http;

import io.bactrian.invocation.Answer;
import io.bactrian.invocation.ReceivedRequest;
import io.bactrian.limit.Deadline;
import io.bactrian.pipeline.PipelineConstants;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * The processor that works on a request: it replaces the {@link ReceivedRequest} in the body by the
 * {@link Answer}. A pipeline's own exchange is completed before that.
 */
final class InvocationProcessor implements Processor {

    @Override
    public void process(Exchange exchange) throws Exception {
        ReceivedRequest request = exchange.getMessage().getBody(ReceivedRequest.class);
        Deadline deadline = exchange.getProperty(PipelineConstants.DEADLINE, Deadline.class);
        exchange.getMessage().setBody(request.invoke(deadline));
    }
}
