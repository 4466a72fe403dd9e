package io.bactrian.preprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The value of a preprocessor's property: the one that is set, else the one that a model's
 * signature fixes, else the default.
 *
 * @param property the property's name
 * @param value its value
 * @param source the input that fixes the value; null if it is set or the default
 */
public record PropertyValue<T>(String property, T value, @Nullable ModelTensor source) {

    /**
     * {@return the value of a property}
     *
     * @param <T> the type of the property's value
     * @param property the property's name
     * @param set the value that is set, or null
     * @param inputs the inputs that the preprocessor feeds
     * @param fixed the value that an input fixes, or null if it leaves it open
     * @param defaultValue the value where nothing is set or fixed
     */
    public static <T> PropertyValue<T> of(
            String property,
            @Nullable T set,
            List<ModelTensor> inputs,
            Function<ModelTensor, @Nullable T> fixed,
            T defaultValue) {
        if (set != null) {
            return new PropertyValue<>(property, set, null);
        }
        for (ModelTensor input : inputs) {
            T value = fixed.apply(input);
            if (value != null) {
                return new PropertyValue<>(property, value, input);
            }
        }
        return new PropertyValue<>(property, defaultValue, null);
    }

    /**
     * {@return whether an input that fixes a value, or null for none, takes this one}
     *
     * @param fixed the value that the input fixes; null if it leaves it open
     */
    public boolean fits(@Nullable T fixed) {
        return fixed == null || fixed.equals(value);
    }

    /**
     * {@return the fault of values that an input contradicts}
     *
     * @param values what the preprocessor makes
     * @param input the input that does not take that
     */
    public static PipelineFaultException contradiction(
            List<PropertyValue<?>> values, ModelTensor input) {
        StringBuilder message = new StringBuilder();
        boolean fromSignature = false;
        for (PropertyValue<?> each : values) {
            message.append(message.isEmpty() ? "" : " and ").append(each);
            fromSignature |= each.source != null;
        }
        message.append(", but ").append(input);
        if (fromSignature) {
            message.append(": use a bean for each model");
        }
        return new PipelineFaultException(message.toString());
    }

    /**
     * {@return the fault of this value, such as {@code channels must be 1 or 3, got 4}}
     *
     * @param expected the values that the property takes
     */
    public PipelineFaultException wrong(String expected) {
        return PipelineFaultException.property(property, expected, value + origin());
    }

    /** {@return such as {@code width is 224}, and which input fixes it} */
    @Override
    public String toString() {
        return property + " is " + value + origin();
    }

    private String origin() {
        return source == null ? "" : " for " + source.name();
    }
}
