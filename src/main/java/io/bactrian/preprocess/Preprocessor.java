package io.bactrian.preprocess;

import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * The base class of preprocessors that make one tensor, for one input of the model that follows.
 *
 * <p>{@link TensorsPreprocessor} says what holds for all.
 */
public abstract class Preprocessor extends TensorsPreprocessor {

    @Metadata(
            description =
                    "The model's input that takes the tensor. Not needed if the model has one input")
    private String input = NamedTensors.UNNAMED;

    /**
     * Checks the properties and works out what {@link #tensor} needs of them and of the signatures.
     * It is called before the first message, and again when the preprocessor is bound to
     * signatures. When it throws, {@link #tensor} must go on as before the call.
     *
     * @param inputs the inputs that take the tensor; empty as long as none is known
     * @throws PipelineFaultException naming the property that is wrong, and its value; or if the
     *     tensor can't be what an input takes
     */
    protected abstract void configure(List<ModelTensor> inputs);

    /**
     * {@return the tensor of a message, which the exchange owns from then on}
     *
     * @param exchange the exchange with the message
     * @throws BadInputException if the body is not what the sender must send
     * @throws PipelineFaultException if the route is at fault
     */
    protected abstract TType tensor(Exchange exchange);

    /** {@return the model's input that takes the tensor; null if the model has one input} */
    public String getInput() {
        return input;
    }

    /**
     * Sets the model's input that takes the tensor.
     *
     * @param input its name; null, as by default, if the model has one input
     */
    public void setInput(String input) {
        this.input = input;
    }

    @Override
    protected final void configureAll(List<SignatureTensors> inputs) {
        configure(inputs.stream().map(each -> each.only(input)).toList());
    }

    @Override
    protected final NamedTensors tensors(Exchange exchange) {
        return NamedTensors.of(input, tensor(exchange));
    }

    /**
     * Makes a tensor in memory that is reserved first, of which the tensor's part stays reserved
     * until the exchange is done.
     *
     * @param exchange the exchange that the tensor is made for
     * @param what what needs the memory, for the error
     * @param bytes the most that is allocated while the tensor is made, the tensor included
     * @param maker makes the tensor, after the memory is reserved
     * @return the tensor, which the exchange owns
     * @throws io.bactrian.limit.InsufficientMemoryException if it is more than the whole budget
     * @throws io.bactrian.limit.OverloadedException if other requests hold too much of it now
     */
    protected static TType reserving(
            Exchange exchange, String what, long bytes, Supplier<TType> maker) {
        MemoryBudget.Reservation reservation = ExchangeMemory.reserve(exchange, what, bytes);
        try {
            TType tensor = maker.get();
            reservation.shrinkTo(Math.min(bytes, tensor.numBytes()));
            return tensor;
        } catch (RuntimeException | Error e) {
            reservation.close();
            throw e;
        }
    }

    /**
     * {@return the value of a field of a JSON object}
     *
     * @param body what {@code unmarshal: json} made of the body
     * @param field the name of the field
     * @param example a value of the field as JSON, for the error
     * @throws BadInputException if it is no object, or has no such field
     */
    protected static Object field(@Nullable Object body, String field, String example) {
        if (!(body instanceof Map<?, ?> object)) {
            throw noObject(field, example);
        }
        if (!object.containsKey(field)) {
            throw missing(field);
        }
        return object.get(field);
    }

    /**
     * {@return the error for a body that is no JSON object but must have a field}
     *
     * @param field the name of the field
     * @param example a value of the field as JSON, for the message
     */
    protected static BadInputException noObject(String field, String example) {
        return new BadInputException(
                "expected an object with a field \""
                        + field
                        + "\", such as {\""
                        + field
                        + "\": "
                        + example
                        + "}");
    }

    /**
     * {@return the error for a JSON object without a field}
     *
     * @param field the name of the field
     */
    protected static BadInputException missing(String field) {
        return new BadInputException("missing field \"" + field + "\"");
    }

    /**
     * {@return a dtype: the one that is set, else the inputs', else the default}
     *
     * @param set the value of a property {@code dtype}, or null
     * @param inputs the inputs that the tensor is for
     * @param suitable the dtypes that this preprocessor can make
     * @param defaultValue the dtype where none is set and no input is known
     * @throws PipelineFaultException if an input takes another
     */
    protected static DType dtype(
            @Nullable DType set,
            List<ModelTensor> inputs,
            Predicate<DType> suitable,
            DType defaultValue) {
        PropertyValue<DType> dtype =
                PropertyValue.of(
                        "dtype", set, inputs, input -> suitable(input, suitable), defaultValue);
        for (ModelTensor input : inputs) {
            if (!DType.nameOf(input.dataType()).equals(dtype.value().toString())) {
                throw PropertyValue.contradiction(List.of(dtype), input);
            }
        }
        return dtype.value();
    }

    private static @Nullable DType suitable(ModelTensor input, Predicate<DType> suitable) {
        DType taken = DType.isSupported(input.dataType()) ? DType.of(input.dataType()) : null;
        return taken != null && suitable.test(taken) ? taken : null;
    }
}
