package io.bactrian.scaffold;

import io.bactrian.model.Signature;
import io.bactrian.model.graph.SignatureTraits;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorSpec;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The facts about a model that guesses are made from.
 *
 * @param model the name under which the model is served
 * @param signature the signature that the route runs
 * @param isDefault whether it is the signature that runs where none is named
 * @param otherSignatures the names of the other signatures that can be run
 * @param traits what the graph says about the signature
 * @param files the search for the files that processors need
 */
record ModelFacts(
        String model,
        Signature signature,
        boolean isDefault,
        List<String> otherSignatures,
        SignatureTraits traits,
        FileSearch files) {

    /** {@return the only input; null if there are none or several} */
    @Nullable TensorSpec onlyInput() {
        return signature.inputs().size() == 1
                ? signature.inputs().values().iterator().next()
                : null;
    }

    /** {@return the only output; null if there are several} */
    @Nullable TensorSpec onlyOutput() {
        return signature.outputs().size() == 1
                ? signature.outputs().values().iterator().next()
                : null;
    }

    /** {@return the operation that computes an output; null if it is not known} */
    @Nullable String operationOf(TensorSpec output) {
        return traits.outputOperation(output.tensorName());
    }

    /** {@return the number of dimensions; -1 if it is not known} */
    static int rank(TensorSpec tensor) {
        return tensor.shape().isUnknown() ? -1 : tensor.shape().numDimensions();
    }

    /** {@return the size of the last dimension; -1 if it is open or there is none} */
    static long lastSize(TensorSpec tensor) {
        int rank = rank(tensor);
        return rank < 1 ? Shape.UNKNOWN_SIZE : tensor.shape().get(rank - 1);
    }

    /** {@return whether a batch of one example fits the first dimension} */
    static boolean takesOneExample(TensorSpec tensor) {
        long first = rank(tensor) < 1 ? 0 : tensor.shape().get(0);
        return first == Shape.UNKNOWN_SIZE || first == 1;
    }

    /** {@return whether the elements are floating-point numbers} */
    static boolean isFloat(TensorSpec tensor) {
        return tensor.dtype().isFloatingPoint();
    }

    static boolean isString(TensorSpec tensor) {
        return tensor.dtype() == DType.STRING;
    }

    /** {@return such as {@code inputs "ids" int32 [-1, -1], "mask" int32 [-1, -1]}} */
    static String list(Collection<TensorSpec> inputs) {
        return (inputs.size() == 1 ? "input " : "inputs ")
                + inputs.stream().map(ModelFacts::describe).collect(Collectors.joining(", "));
    }

    /** {@return such as {@code "image" float32 [-1, 224, 224, 3]}} */
    static String describe(TensorSpec tensor) {
        return '"' + tensor.name() + "\" " + tensor.describe();
    }
}
