package io.bactrian.pipeline;

import io.bactrian.tensor.NamedTensors;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * A step that gives tensors other names, so that one model's outputs can be another's inputs. Body
 * in and out: {@link NamedTensors}; the tensors are not copied. Those that are not named are left
 * out.
 */
public final class RenameTensors implements Processor {

    private Map<String, String> names = new LinkedHashMap<>();

    /**
     * Sets the new names.
     *
     * @param names from the name that a tensor has to the one that it is to have
     */
    public void setNames(Map<String, String> names) {
        this.names = new LinkedHashMap<>(names);
    }

    /** {@return the names, to which Camel adds those of YAML} */
    public Map<String, String> getNames() {
        return names;
    }

    /**
     * @throws PipelineFaultException if the body is no tensors, or lacks one of the names
     */
    @Override
    public void process(Exchange exchange) {
        NamedTensors tensors = ExchangeTensors.getBody(exchange);
        try {
            ExchangeTensors.setBody(exchange, tensors.renamed(names));
        } catch (IllegalArgumentException e) {
            throw new PipelineFaultException("names: " + e.getMessage());
        }
    }
}
