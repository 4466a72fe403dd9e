package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RejectedItems;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.TensorValues;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The postprocessor that answers a model's outputs as the fields of an object: {@code {"scores":
 * [0.1, 0.9], "embedding": [1.5, 2.5]}}.
 */
@Metadata(
        label = "bean",
        description =
                "Answers a model's outputs as the fields of an object, as numbers, texts or nested"
                        + " lists: {\"scores\": [0.1, 0.9], \"embedding\": [1.5, 2.5]}; a list of that"
                        + " for several rows. A string that is not UTF-8 is {\"b64\": \"…\"}.",
        excludeProperties = "output,field",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class OutputsPostprocessor extends Postprocessor {

    @Metadata(
            description =
                    "The fields of the answer with commas between, each with the output that it"
                            + " takes: scores=probabilities, boxes. A field without = takes the"
                            + " output of its own name. Not set: all outputs, under their names")
    private @Nullable String fields;

    @Metadata(
            description =
                    "Whether the outputs' first dimension is the rows, each with an object of its"
                            + " own; false answers one object with the whole outputs")
    private boolean rows = true;

    private Map<String, String> outputsByField = Map.of();

    /** Creates a postprocessor with default properties. */
    public OutputsPostprocessor() {
        super("");
    }

    /** Rejects a single output: this step reads all, or those that its fields name. */
    @Override
    public void setOutput(@Nullable String output) {
        throw new PipelineFaultException("output can't be set: name the outputs in fields");
    }

    /** Rejects a single field: this step answers one for each output. */
    @Override
    public void setField(String field) {
        throw new PipelineFaultException("field can't be set: name the fields in fields");
    }

    /**
     * {@return the fields of the answer with commas between, each with {@code =} and the output
     * that it takes if that has another name; null for all outputs}
     */
    public @Nullable String getFields() {
        return fields;
    }

    /**
     * Sets the fields of the answer with commas between, each with {@code =} and the output that it
     * takes if that has another name.
     *
     * @param fields null for all outputs, as by default
     * @throws PipelineFaultException if a name is empty, or two fields are the same
     */
    public void setFields(@Nullable String fields) {
        outputsByField = FieldNames.parse("fields", fields);
        this.fields = fields;
    }

    /** {@return whether the outputs' first dimension is the rows, not part of one answer} */
    public boolean isRows() {
        return rows;
    }

    /**
     * Sets whether the outputs' first dimension is the rows.
     *
     * @param rows true, as by default; false if it is part of one answer
     */
    public void setRows(boolean rows) {
        this.rows = rows;
    }

    @Override
    protected void configure(List<SignatureTensors> outputs) {
        outputs.forEach(this::check);
    }

    private void check(SignatureTensors outputs) {
        Map<String, String> selected = selected(outputs.specs().keySet());
        SortedSet<Long> sizes = new TreeSet<>();
        for (Map.Entry<String, String> each : selected.entrySet()) {
            TensorSpec spec = outputs.specs().get(each.getValue());
            if (spec == null) {
                throw new PipelineFaultException(
                        "fields names the output \""
                                + each.getValue()
                                + "\", but "
                                + outputs.list());
            }
            Shape shape = spec.shape();
            if (rows && !shape.isUnknown()) {
                if (shape.numDimensions() == 0) {
                    throw noRows("output \"" + spec.name() + "\" is a scalar: " + outputs.list());
                }
                if (shape.get(0) != Shape.UNKNOWN_SIZE) {
                    sizes.add(shape.get(0));
                }
            }
        }
        if (sizes.size() > 1) {
            throw noRows("outputs have " + sizes + " rows: " + outputs.list());
        }
    }

    private Map<String, String> selected(Set<String> names) {
        if (!outputsByField.isEmpty()) {
            return outputsByField;
        }
        Map<String, String> all = new LinkedHashMap<>();
        new TreeSet<>(names).forEach(name -> all.put(name, name));
        return all;
    }

    private static PipelineFaultException noRows(String what) {
        return new PipelineFaultException(
                what + ": set rows: false to answer the outputs as they are");
    }

    @Override
    protected final Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        Map<String, Object> values = new LinkedHashMap<>();
        int count = -1;
        for (Map.Entry<String, String> each : selected(outputs.names()).entrySet()) {
            TType tensor = outputs.get(each.getValue());
            if (tensor == null) {
                throw new PipelineFaultException(
                        "there is no output \""
                                + each.getValue()
                                + "\": the model gave "
                                + outputs.names());
            }
            if (rows) {
                Shape shape = tensor.shape();
                int size = shape.numDimensions() == 0 ? -1 : Math.toIntExact(shape.get(0));
                if (size < 0 || (count >= 0 && count != size)) {
                    throw noRows("outputs have not the same rows: the model gave " + outputs);
                }
                count = size;
            }
            values.put(each.getKey(), TensorValues.toJava(tensor));
        }
        if (rows) {
            return perRow(exchange, count, row -> row(values, row));
        }
        if (RejectedItems.of(exchange) != null) {
            throw new PipelineFaultException(
                    "itemErrors is ANSWER, which needs an answer to each item, but rows is false");
        }
        return values;
    }

    private Object row(Map<String, Object> values, int row) {
        Map<String, Object> answer = new LinkedHashMap<>();
        values.forEach((field, value) -> answer.put(field, ((List<?>) value).get(row)));
        return answer;
    }
}
