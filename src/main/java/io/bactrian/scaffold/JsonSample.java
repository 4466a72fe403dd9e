package io.bactrian.scaffold;

import io.bactrian.tensor.TensorSpec;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.tensorflow.ndarray.Shape;

/** A request of synthetic values in TensorFlow Serving's JSON. */
final class JsonSample {

    /** More elements are too many for a command line. */
    private static final long MAX_ELEMENTS = 24;

    private final List<TensorSpec> inputs;

    JsonSample(List<TensorSpec> inputs) {
        this.inputs = inputs;
    }

    /** {@return the request; one in a file of the user's if the tensors are large} */
    SampleRequest request() {
        if (inputs.stream().mapToLong(JsonSample::elements).sum() > MAX_ELEMENTS) {
            return SampleRequest.ofFile("application/json", "request.json");
        }
        boolean hasRows =
                !inputs.isEmpty() && inputs.stream().allMatch(ModelFacts::takesOneExample);
        return SampleRequest.of("application/json", hasRows ? rows() : columns());
    }

    private String rows() {
        String row =
                inputs.size() == 1
                        ? values(inputs.get(0), 1)
                        : inputs.stream()
                                .map(input -> member(input, 1))
                                .collect(Collectors.joining(", ", "{", "}"));
        return "{\"instances\": [" + row + "]}";
    }

    private String columns() {
        return inputs.stream()
                .map(input -> member(input, 0))
                .collect(Collectors.joining(", ", "{\"inputs\": {", "}}"));
    }

    private static String member(TensorSpec input, int axis) {
        String name = input.name().replace("\\", "\\\\").replace("\"", "\\\"");
        return '"' + name + "\": " + values(input, axis);
    }

    private static long elements(TensorSpec input) {
        long elements = 1;
        for (int i = 0; i < ModelFacts.rank(input); i++) {
            elements = Math.min(elements * size(input, i), MAX_ELEMENTS + 1);
        }
        return elements;
    }

    private static long size(TensorSpec input, int axis) {
        long size = input.shape().get(axis);
        return size == Shape.UNKNOWN_SIZE ? 1 : size;
    }

    /** {@return the values from a dimension on} */
    private static String values(TensorSpec input, int axis) {
        if (axis >= ModelFacts.rank(input)) {
            return value(input);
        }
        String values = values(input, axis + 1);
        return Collections.nCopies((int) size(input, axis), values).toString();
    }

    /** Ones, since a loop until a value is reached may not end for zeros. */
    private static String value(TensorSpec input) {
        return switch (input.dtype()) {
            case STRING -> "\"a text\"";
            case BOOL -> "true";
            case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> "1.0";
            default -> "1";
        };
    }
}
