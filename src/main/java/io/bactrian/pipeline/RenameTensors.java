package io.bactrian.pipeline;

import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.spi.Metadata;

/**
 * A step of a route that gives tensors other names, so that one model's outputs can be another's
 * inputs. The tensors are not copied.
 */
@Metadata(
        label = "bean",
        description =
                "Gives tensors other names, between a model and another whose inputs have other names"
                        + " than the first one's outputs.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class RenameTensors implements Processor, OutputMapping {

    @Metadata(
            description =
                    "From each tensor's name to its new one. Tensors that are not named are left out")
    private Map<String, String> names = new LinkedHashMap<>();

    /** {@return the new names by the old; Camel adds those of YAML to this map} */
    public Map<String, String> getNames() {
        return names;
    }

    /**
     * Sets the new names by the old; tensors that are not named are left out.
     *
     * @param names the new name of each tensor to keep, by its present name
     */
    public void setNames(Map<String, String> names) {
        this.names = new LinkedHashMap<>(names);
    }

    /**
     * Renames the tensors in the body.
     *
     * @throws PipelineFaultException if the body is not tensors, or lacks one of the names
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

    @Override
    public SignatureTensors map(SignatureTensors outputs) {
        SortedMap<String, TensorSpec> renamed = new TreeMap<>();
        names.forEach(
                (name, newName) -> {
                    TensorSpec spec = outputs.specs().get(name);
                    if (spec == null) {
                        throw new PipelineFaultException(
                                "names has \"" + name + "\", but " + outputs.list());
                    }
                    renamed.put(
                            newName,
                            new TensorSpec(
                                    newName, spec.tensorName(), spec.dataType(), spec.shape()));
                });
        return new SignatureTensors(
                outputs.kind(),
                outputs.model(),
                outputs.signature(),
                renamed,
                outputs.modelFolders());
    }
}
