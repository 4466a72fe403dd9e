package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.StepName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * A step after a postprocessor that makes a table of its answers, which are objects of the same
 * fields: {@code {"fields": ["prediction", "probability"], "values": [[1, 0.9], [0, 0.7]]}}.
 */
@Metadata(
        label = "bean",
        description =
                "Makes a table of the answers of the postprocessor before it: {\"fields\":"
                        + " [\"prediction\", \"probability\"], \"values\": [[1, 0.9], [0, 0.7]]}. The"
                        + " answer to one item is a table of one row.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class AnswerTable implements Processor, CamelContextAware {

    @Metadata(
            description =
                    "The field with a list of the table alone, such as predictions:"
                            + " {\"predictions\": [{\"fields\": …, \"values\": …}]}. Not set: the table is"
                            + " the answer")
    private String wrapper = "";

    private @Nullable CamelContext camelContext;

    @Override
    public @Nullable CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    /** {@return the field with a list of the table; empty for the table alone} */
    public String getWrapper() {
        return wrapper;
    }

    /**
     * Sets the field with a list of the table.
     *
     * @param wrapper empty, as by default, for the table alone
     */
    public void setWrapper(String wrapper) {
        this.wrapper = wrapper;
    }

    /**
     * Makes the table.
     *
     * @throws PipelineFaultException if the body is not answers of the same fields
     */
    @Override
    public void process(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        List<?> answers = body instanceof List<?> list ? list : List.of(body);
        Set<?> fields = Set.of();
        List<List<Object>> values = new ArrayList<>();
        for (Object answer : answers) {
            if (!(answer instanceof Map<?, ?> map)
                    || !(values.isEmpty() || map.keySet().equals(fields))) {
                throw new PipelineFaultException(
                        StepName.of(camelContext, this)
                                + ": expected answers of the same fields, got "
                                + (answer instanceof Map<?, ?> other
                                        ? fields + " and " + other.keySet()
                                        : "one without fields"));
            }
            fields = values.isEmpty() ? map.keySet() : fields;
            List<Object> row = new ArrayList<>();
            fields.forEach(field -> row.add(map.get(field)));
            values.add(row);
        }
        Map<String, Object> table = new LinkedHashMap<>();
        table.put("fields", List.copyOf(fields));
        table.put("values", values);
        exchange.getMessage().setBody(wrapper.isEmpty() ? table : Map.of(wrapper, List.of(table)));
    }
}
