package io.bactrian.pipeline;

import io.bactrian.tensor.NamedTensors;
import org.apache.camel.Exchange;

/**
 * The tensors that an exchange carries. An exchange keeps all that were its body until it is done,
 * whether it succeeds, fails or times out; so does each copy that Camel makes of it, on its own.
 * What is still in its message, properties or variables then may be read on, by an aggregation
 * strategy or the caller of a template.
 */
public final class ExchangeTensors {

    private ExchangeTensors() {}

    /**
     * Makes {@code tensors} the body of the exchange's message. If they were the caller's own, they
     * are the exchange's from now on.
     *
     * @param exchange the exchange of the message
     * @param tensors the tensors, whose native memory the exchange frees when it is done
     */
    public static void setBody(Exchange exchange, NamedTensors tensors) {
        TensorScope.add(exchange, tensors.handOver());
        exchange.getMessage().setBody(tensors);
    }

    /**
     * Reads the message's body, if it is tensors, which the exchange keeps from now on even if it
     * got them from another.
     *
     * @param exchange the exchange of the message
     * @return the tensors as a bundle, of which single tensors can be kept; to read them and be
     *     done, {@link #read} is better, since their memory is freed at once
     * @throws PipelineFaultException if it is something else
     */
    public static NamedTensors getBody(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (body instanceof NamedTensors tensors) {
            TensorScope.keep(exchange, tensors);
            return tensors;
        }
        throw new PipelineFaultException(
                "expected tensors as the message body, got "
                        + (body == null ? "none" : body.getClass().getTypeName())
                        + ": a step before must make them");
    }

    /**
     * Reads the message's body, if it is tensors.
     *
     * @param exchange the exchange of the message
     * @return to be closed when the tensors are read; they stay the exchange's
     * @throws PipelineFaultException if it is something else
     * @throws IllegalStateException if the tensors are freed
     */
    public static NamedTensors.Reference read(Exchange exchange) {
        return getBody(exchange).retain();
    }
}
