package io.bactrian.postprocess;

import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.OutputBound;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RejectedItems;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.pipeline.StepName;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.spi.Metadata;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;

/**
 * The base class of postprocessors: steps of a route that replace a model's outputs by an answer
 * that Jackson can write as JSON. The tensors are freed once the answer is made.
 *
 * <p>A postprocessor is a bean that YAML sets up. Each property is a field with {@link Metadata}, a
 * getter and a setter of one type; a list is text with commas between, since Camel's YAML takes no
 * lists as properties of beans. The setter rejects a value that is wrong whatever the others are,
 * {@link #configure} those that are wrong together or that a model's signature contradicts. A
 * property that is set later takes effect when the postprocessor is stopped and started again.
 */
public abstract class Postprocessor extends ServiceSupport
        implements Processor, OutputBound, CamelContextAware {

    @Metadata(description = "The model's output to read. Not needed if the model has one output")
    private @Nullable String output;

    @Metadata(
            description =
                    "The name of the answer's field. Empty: its value is left out, or is the whole"
                            + " answer if there is nothing else")
    private String field;

    private @Nullable CamelContext camelContext;
    private volatile List<SignatureTensors> bound = List.of();

    /**
     * @param field the default of the property {@code field}
     */
    protected Postprocessor(String field) {
        this.field = field;
    }

    /**
     * Checks the properties. It is called before the first message, and again when the
     * postprocessor is bound to signatures. When it throws, {@link #answer} must go on as before
     * the call.
     *
     * @param outputs the outputs of each model that this step can read from; empty as long as none
     *     is known
     * @throws PipelineFaultException naming the property that is wrong, and its value; or if the
     *     outputs of a model can't be what this step reads
     */
    protected abstract void configure(List<SignatureTensors> outputs);

    /**
     * {@return the answer, which Jackson can write as JSON}
     *
     * @param exchange with what preprocessors have kept for this step
     * @param outputs the model's outputs by name, to be read until this method returns
     * @throws PipelineFaultException if the outputs are not what this step reads
     */
    protected abstract Object answer(Exchange exchange, NamedTensors.Reference outputs);

    @Override
    public @Nullable CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    /** {@return the model's output to read; null if the model has one output} */
    public @Nullable String getOutput() {
        return output;
    }

    /**
     * Sets the model's output to read.
     *
     * @param output its name; null, as by default, if the model has one output
     */
    public void setOutput(@Nullable String output) {
        this.output = output;
    }

    /**
     * {@return the name of the answer's field; empty to leave its value out, or to answer it alone
     * if there is nothing else}
     */
    public String getField() {
        return field;
    }

    /**
     * Sets the name of the answer's field.
     *
     * @param field empty to leave its value out, or to answer it alone if there is nothing else
     */
    public void setField(String field) {
        this.field = field;
    }

    @Override
    protected void doInit() throws Exception {
        try {
            configure(bound);
        } catch (IllegalArgumentException | PipelineFaultException e) {
            throw named(e);
        }
    }

    @Override
    public final void bindOutputs(List<SignatureTensors> outputs) {
        try {
            configure(outputs);
        } catch (IllegalArgumentException e) {
            throw new PipelineFaultException(String.valueOf(e.getMessage()));
        }
        bound = outputs;
    }

    @Override
    public final void process(Exchange exchange) {
        if (!isStarted()) {
            // Called by Java code, or stopped with another of its routes.
            start();
        }
        Object answer;
        try (NamedTensors.Reference outputs = ExchangeTensors.read(exchange)) {
            answer = answer(exchange, outputs);
        } catch (PipelineFaultException e) {
            throw named(e);
        }
        exchange.getMessage().setBody(answer);
    }

    /** {@return whether this step is bound to signatures} */
    final boolean isBound() {
        return !bound.isEmpty();
    }

    final PipelineFaultException named(RuntimeException fault) {
        return new PipelineFaultException(
                StepName.of(camelContext, this) + ": " + fault.getMessage());
    }

    /**
     * {@return an output that a signature declares with numbers}
     *
     * @param name its name, or null for the only one
     * @throws PipelineFaultException if there is none of that name, several and no name, or it is
     *     of strings
     */
    static ModelTensor numeric(SignatureTensors outputs, @Nullable String name) {
        ModelTensor declared = outputs.select(name);
        if (declared.dataType() == DType.STRING.dataType()) {
            throw new PipelineFaultException("expected numbers, but " + declared);
        }
        return declared;
    }

    /**
     * {@return the output that {@link #setOutput} selects}
     *
     * @param outputs the outputs of the model
     * @throws PipelineFaultException if there is none of that name, several and no name, or it
     *     holds strings
     */
    protected final ModelOutput read(NamedTensors.Reference outputs) {
        return ModelOutput.of(outputs, output);
    }

    /**
     * {@return the value in the answer's field, or alone if that has no name}
     *
     * @param value the value, of what can be written as JSON
     */
    protected final Object inField(Object value) {
        return field.isEmpty() ? value : Map.of(field, value);
    }

    /**
     * {@return the answer to the only row, or the list of the answers to several, and to a request
     * that is a {@linkplain RequestItems list}} The errors of {@linkplain RejectedItems rejected
     * items} are in their places.
     *
     * @param exchange the exchange of the request
     * @param rows the number of rows of the outputs, 1 or more
     * @param answer the answer to a row by its index, from 0
     */
    protected static Object perRow(Exchange exchange, int rows, IntFunction<Object> answer) {
        if (rows == 1 && !RequestItems.isList(exchange)) {
            return answer.apply(0);
        }
        List<Object> answers = new ArrayList<>(rows);
        for (int row = 0; row < rows; row++) {
            answers.add(answer.apply(row));
        }
        RejectedItems rejected = RejectedItems.of(exchange);
        return rejected == null ? answers : rejected.complete(answers);
    }
}
