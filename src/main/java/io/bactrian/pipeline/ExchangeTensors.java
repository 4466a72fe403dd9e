package io.bactrian.pipeline;

import io.bactrian.tensor.NamedTensors;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * Hands tensors to an exchange, which owns them from then on: they are closed when its unit of work
 * is done, whether it succeeded, failed or timed out, if no step closed them before.
 */
public final class ExchangeTensors {

    private ExchangeTensors() {}

    /** Makes {@code tensors} the body of the exchange's message, and the exchange their owner. */
    public static void setBody(Exchange exchange, NamedTensors tensors) {
        exchange.getExchangeExtension().addOnCompletion(new CloseOnDone(tensors));
        exchange.getMessage().setBody(tensors);
    }

    /**
     * @return the message's body, if it is tensors
     * @throws PipelineFaultException if it is something else
     */
    public static NamedTensors getBody(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (body instanceof NamedTensors tensors) {
            return tensors;
        }
        throw new PipelineFaultException(
                "expected tensors as the message body, got "
                        + (body == null ? "none" : body.getClass().getTypeName())
                        + ": a step before must make them");
    }

    private static final class CloseOnDone extends SynchronizationAdapter {

        private final NamedTensors tensors;

        CloseOnDone(NamedTensors tensors) {
            this.tensors = tensors;
        }

        @Override
        public void onDone(Exchange exchange) {
            tensors.close();
        }
    }
}
