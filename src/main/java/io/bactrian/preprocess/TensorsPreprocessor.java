package io.bactrian.preprocess;

import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;

/**
 * The base class of preprocessors that make any number of tensors: steps of a route that replace
 * the message body by the inputs of the model that follows. One that makes a single tensor extends
 * {@link Preprocessor}.
 *
 * <p>A preprocessor of several items in one request says by {@link
 * io.bactrian.pipeline.RequestItems#setList} whether they were a list, and keeps under a documented
 * exchange property what a later step needs of them.
 */
public abstract class TensorsPreprocessor extends BoundPreprocessor {

    /**
     * {@return the tensors of a message, which the exchange owns from then on}
     *
     * @param exchange the exchange with the message
     * @throws BadInputException if the body is not what the sender must send
     * @throws PipelineFaultException if the route is at fault
     */
    protected abstract NamedTensors tensors(Exchange exchange);

    @Override
    public final void process(Exchange exchange) {
        if (!isStarted()) {
            // Called by Java code, or stopped with another of its routes.
            start();
        }
        try {
            Object body = exchange.getMessage().getBody();
            if (body instanceof NamedTensors tensors) {
                throw new PipelineFaultException(
                        "expected the body of a request, got "
                                + tensors
                                + ": a step before has made tensors of it already");
            }
            ExchangeTensors.setBody(exchange, tensors(exchange));
            if (body instanceof Map || body instanceof List) {
                exchange.setProperty(PipelineConstants.REQUEST, body);
            }
        } catch (PipelineFaultException e) {
            throw named(e);
        }
    }

    /** {@return the body's text in UTF-8, in an array} */
    static ByteBuffer utf8(Exchange exchange, Object body) {
        return body instanceof ByteBuffer buffer && buffer.hasArray() && BodyText.isUtf8(exchange)
                ? buffer
                : ByteBuffer.wrap(BodyText.utf8(exchange, body));
    }
}
