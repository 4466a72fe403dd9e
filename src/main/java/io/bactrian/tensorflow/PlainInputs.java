package io.bactrian.tensorflow;

import io.bactrian.model.Signature;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import io.bactrian.tensor.TensorValues;
import java.util.List;
import java.util.Map;

/** Conversion of plain Java values in a message body to the tensors of a signature's inputs. */
final class PlainInputs {

    private PlainInputs() {}

    /** {@return whether a body is numbers, texts or booleans, alone or in lists, arrays or maps} */
    static boolean isPlain(Object body) {
        return body instanceof Map
                || body instanceof List
                || body instanceof Number
                || body instanceof Boolean
                || body instanceof CharSequence
                || (body != null && body.getClass().isArray() && !(body instanceof byte[]));
    }

    /**
     * Makes the tensors of a signature's inputs, with the dtypes that it declares.
     *
     * @param body the values by input name in a map, or the values of the only input
     * @return the tensors, to be closed by the caller
     * @throws BadInputException if an input is missing or unknown, or a value does not fit its
     *     dtype
     */
    static NamedTensors of(Object body, Signature signature) {
        Map<String, TensorSpec> inputs = signature.inputs();
        if (!(body instanceof Map<?, ?> values)) {
            if (inputs.size() != 1) {
                throw new BadInputException(
                        "expected a map of the inputs " + inputs.keySet() + ", got one value");
            }
            TensorSpec only = inputs.values().iterator().next();
            return NamedTensors.of(
                    only.name(), TensorValues.toTensor(body, only.dtype(), only.name()));
        }
        try (NamedTensors.Builder tensors = NamedTensors.builder()) {
            for (Map.Entry<?, ?> value : values.entrySet()) {
                String name = String.valueOf(value.getKey());
                TensorSpec spec = inputs.get(name);
                if (spec == null) {
                    throw new BadInputException(
                            "no input \"" + name + "\": there are " + inputs.keySet());
                }
                tensors.put(name, TensorValues.toTensor(value.getValue(), spec.dtype(), name));
            }
            return tensors.build();
        }
    }
}
