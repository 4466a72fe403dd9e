package io.bactrian.test;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorValues;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.opentest4j.AssertionFailedError;
import org.tensorflow.types.family.TType;

/** The inputs of one prediction of a {@link StubModel}, copied when it was made. */
public final class Prediction {

    private final String signature;
    private final Map<String, TensorCopy> inputs = new LinkedHashMap<>();

    Prediction(String signature, Map<String, TType> tensors) {
        this.signature = signature;
        tensors.forEach(
                (name, tensor) ->
                        inputs.put(
                                name,
                                new TensorCopy(
                                        name,
                                        DType.nameOf(tensor.dataType()),
                                        tensor.shape(),
                                        TensorValues.toJava(tensor))));
    }

    /** {@return the signature} */
    public String signature() {
        return signature;
    }

    /**
     * {@return an input}
     *
     * @param name the input's name in the signature
     * @throws AssertionFailedError if there was none of that name
     */
    public TensorCopy input(String name) {
        TensorCopy input = inputs.get(name);
        if (input == null) {
            throw new AssertionFailedError(
                    "there was no input \"" + name + "\", only " + inputs.keySet());
        }
        return input;
    }

    /** {@return the inputs by name} */
    public Map<String, TensorCopy> inputs() {
        return Map.copyOf(inputs);
    }

    @Override
    public String toString() {
        return inputs.values().stream()
                .map(TensorCopy::toString)
                .collect(Collectors.joining(", ", signature + "(", ")"));
    }
}
