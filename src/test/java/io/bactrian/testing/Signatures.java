package io.bactrian.testing;

import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.tensorflow.ndarray.Shape;

/** Signatures to bind a step to, without a model. */
public final class Signatures {

    private Signatures() {}

    /**
     * {@return the inputs of signature "serving_default" of model "m"}
     *
     * @param inputs as {@code name dtype size size, …}; a size of {@code ?} is an unknown rank
     */
    public static SignatureTensors inputs(String inputs) {
        return tensors(SignatureTensors.Kind.INPUT, inputs);
    }

    /** {@return the outputs of that signature, as {@link #inputs} has them} */
    public static SignatureTensors outputs(String outputs) {
        return tensors(SignatureTensors.Kind.OUTPUT, outputs);
    }

    private static SignatureTensors tensors(SignatureTensors.Kind kind, String tensors) {
        SortedMap<String, TensorSpec> specs = new TreeMap<>();
        for (String tensor : tensors.split(", ")) {
            String[] parts = tensor.split(" ");
            Shape shape =
                    parts.length == 3 && parts[2].equals("?")
                            ? Shape.unknown()
                            : Shape.of(
                                    Arrays.stream(parts)
                                            .skip(2)
                                            .mapToLong(Long::parseLong)
                                            .toArray());
            specs.put(
                    parts[0],
                    new TensorSpec(
                            parts[0], parts[0] + ":0", DType.named(parts[1]).dataType(), shape));
        }
        return new SignatureTensors(kind, "m", "serving_default", specs, List.of());
    }
}
