package io.bactrian.model;

import io.bactrian.model.graph.InputScaling;
import io.bactrian.model.graph.SignatureEffects;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * A signature of a SavedModel: its inputs and outputs by name, in alphabetical order as {@code
 * saved_model_cli} lists them.
 */
public final class Signature {

    /** The name of the signature for requests that name none. */
    public static final String DEFAULT = "serving_default";

    private final String name;
    private final String methodName;
    private final SortedMap<String, TensorSpec> inputs;
    private final SortedMap<String, TensorSpec> outputs;
    private final @Nullable String problem;
    private final SignatureEffects effects;
    private final Map<String, InputScaling> scalings;

    /**
     * {@return a signature without side effects, for a model that is not a SavedModel}
     *
     * @param name the signature's name
     * @param inputs the inputs by name
     * @param outputs the outputs by name
     */
    public static Signature of(
            String name, Map<String, TensorSpec> inputs, Map<String, TensorSpec> outputs) {
        return new Signature(name, "", inputs, outputs, null);
    }

    Signature(
            String name,
            String methodName,
            Map<String, TensorSpec> inputs,
            Map<String, TensorSpec> outputs,
            @Nullable String problem) {
        this(name, methodName, inputs, outputs, problem, SignatureEffects.NONE, Map.of());
    }

    private Signature(
            String name,
            String methodName,
            Map<String, TensorSpec> inputs,
            Map<String, TensorSpec> outputs,
            @Nullable String problem,
            SignatureEffects effects,
            Map<String, InputScaling> scalings) {
        this.name = name;
        this.methodName = methodName;
        this.inputs = Collections.unmodifiableSortedMap(new TreeMap<>(inputs));
        this.outputs = Collections.unmodifiableSortedMap(new TreeMap<>(outputs));
        this.problem = problem;
        this.effects = effects;
        this.scalings = scalings;
    }

    /** {@return the signature's name} */
    public String name() {
        return name;
    }

    /** {@return the method's name, such as {@code tensorflow/serving/predict}; may be empty} */
    public String methodName() {
        return methodName;
    }

    /** {@return the inputs by name} */
    public SortedMap<String, TensorSpec> inputs() {
        return inputs;
    }

    /** {@return the outputs by name} */
    public SortedMap<String, TensorSpec> outputs() {
        return outputs;
    }

    /** {@return why this signature can't be run here; null if it can} */
    public @Nullable String problem() {
        return problem;
    }

    /** {@return whether this signature can be run here} */
    public boolean isRunnable() {
        return problem == null;
    }

    /** {@return the effects of running this signature} */
    public SignatureEffects effects() {
        return effects;
    }

    /**
     * {@return the scaling by constants that the graph begins with, such as that of a {@code
     * Rescaling} layer}
     *
     * @param input the input's name
     */
    public InputScaling scaling(String input) {
        return scalings.getOrDefault(input, InputScaling.NONE);
    }

    /** {@return the error message for requests of a signature that can't be run} */
    static String unavailable(String name, String problem) {
        return "signature \"" + name + "\" can't be run here: " + problem;
    }

    Signature withProblem(String found) {
        return new Signature(name, methodName, inputs, outputs, found, effects, scalings);
    }

    Signature withAnalysis(SignatureEffects found, Map<String, InputScaling> scalingByInput) {
        return new Signature(
                name, methodName, inputs, outputs, problem, found, Map.copyOf(scalingByInput));
    }

    Signature withTensors(Map<String, TensorSpec> newInputs, Map<String, TensorSpec> newOutputs) {
        return new Signature(name, methodName, newInputs, newOutputs, problem, effects, scalings);
    }

    /**
     * Matches tensors to this signature's inputs by name, dtype and shape. The batch dimension may
     * have any size. Shapes are not checked if every operation accepts any shape, since TensorFlow
     * Serving checks none and its own examples send shapes other than the declared ones. They are
     * checked otherwise, since some operations terminate the process when given an unexpected
     * shape.
     *
     * @param tensors by input name, or a single {@linkplain NamedTensors#UNNAMED unnamed} tensor
     *     for the only input
     * @return the tensors by input name, still owned by the caller
     * @throws BadInputException if an input is missing, unknown, or of another dtype or shape,
     *     naming the input
     */
    public Map<String, TType> bind(Map<String, TType> tensors) {
        Map<String, TType> bound = new TreeMap<>(tensors);
        if (bound.size() == 1 && inputs.size() == 1 && bound.containsKey(NamedTensors.UNNAMED)) {
            bound = Map.of(inputs.firstKey(), bound.get(NamedTensors.UNNAMED));
        }
        for (String given : bound.keySet()) {
            if (!inputs.containsKey(given)) {
                throw new BadInputException(
                        (given.isEmpty() ? "an input without a name" : "no input \"" + given + "\"")
                                + ": signature \""
                                + name
                                + "\" takes "
                                + describe(inputs));
            }
        }
        for (TensorSpec spec : inputs.values()) {
            TType tensor = bound.get(spec.name());
            if (tensor == null) {
                throw new BadInputException(
                        "missing input \""
                                + spec.name()
                                + "\": signature \""
                                + name
                                + "\" takes "
                                + describe(inputs));
            }
            boolean shapeFits = effects.shapeDependent() == null || spec.accepts(tensor.shape());
            if (tensor.dataType() != spec.dtype().dataType() || !shapeFits) {
                throw new BadInputException(mismatch(spec, tensor));
            }
        }
        return bound;
    }

    /**
     * {@return the error for the first input whose shape is not the declared one; null if there is
     * none}
     */
    @Nullable String shapeProblem(Map<String, TType> bound) {
        for (TensorSpec spec : inputs.values()) {
            TType tensor = Objects.requireNonNull(bound.get(spec.name()));
            if (!spec.accepts(tensor.shape())) {
                return mismatch(spec, tensor);
            }
        }
        return null;
    }

    private String mismatch(TensorSpec spec, TType tensor) {
        return "input \""
                + spec.name()
                + "\" takes "
                + spec.describe()
                + ", got "
                + DType.nameOf(tensor.dataType())
                + " "
                + TensorSpec.format(tensor.shape());
    }

    private static String describe(Map<String, TensorSpec> specs) {
        return specs.isEmpty()
                ? "no inputs"
                : specs.values().stream()
                        .map(spec -> "\"" + spec.name() + "\" " + spec.describe())
                        .collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
        return name + "(" + describe(inputs) + ") -> " + describe(outputs);
    }
}
