package io.bactrian.model;

import io.bactrian.model.graph.SignatureEffects;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.tensorflow.types.family.TType;

/**
 * One of a SavedModel's signatures: what it takes and gives, by name, in alphabetical order as
 * {@code saved_model_cli} lists them.
 */
public final class Signature {

    /** The signature that is used where none is named. */
    public static final String DEFAULT = "serving_default";

    private final String name;
    private final String methodName;
    private final SortedMap<String, TensorSpec> inputs;
    private final SortedMap<String, TensorSpec> outputs;
    private final String problem;
    private final SignatureEffects effects;

    Signature(
            String name,
            String methodName,
            Map<String, TensorSpec> inputs,
            Map<String, TensorSpec> outputs,
            String problem) {
        this(name, methodName, inputs, outputs, problem, SignatureEffects.NONE);
    }

    private Signature(
            String name,
            String methodName,
            Map<String, TensorSpec> inputs,
            Map<String, TensorSpec> outputs,
            String problem,
            SignatureEffects effects) {
        this.name = name;
        this.methodName = methodName;
        this.inputs = Collections.unmodifiableSortedMap(new TreeMap<>(inputs));
        this.outputs = Collections.unmodifiableSortedMap(new TreeMap<>(outputs));
        this.problem = problem;
        this.effects = effects;
    }

    public String name() {
        return name;
    }

    /** {@return such as {@code tensorflow/serving/predict}; may be empty} */
    public String methodName() {
        return methodName;
    }

    public SortedMap<String, TensorSpec> inputs() {
        return inputs;
    }

    public SortedMap<String, TensorSpec> outputs() {
        return outputs;
    }

    /** {@return why this signature can't be run here, or null if it can} */
    public String problem() {
        return problem;
    }

    /** {@return whether this signature can be run here} */
    public boolean isRunnable() {
        return problem == null;
    }

    /** {@return what running this signature involves besides computing its outputs} */
    public SignatureEffects effects() {
        return effects;
    }

    /** {@return what a request is answered for a signature that can't be run} */
    static String unavailable(String name, String problem) {
        return "signature \"" + name + "\" can't be run here: " + problem;
    }

    Signature withProblem(String found) {
        return new Signature(name, methodName, inputs, outputs, found, effects);
    }

    Signature withEffects(SignatureEffects found) {
        return new Signature(name, methodName, inputs, outputs, problem, found);
    }

    Signature withTensors(Map<String, TensorSpec> newInputs, Map<String, TensorSpec> newOutputs) {
        return new Signature(name, methodName, newInputs, newOutputs, problem, effects);
    }

    /**
     * Matches tensors to this signature's inputs. Names and dtypes must fit, and so must shapes,
     * but for the batch dimension, unless every operation takes any shape: TensorFlow Serving
     * checks none, and its own examples send shapes that are not the declared ones; but some
     * operations end the process for one that they are not written for.
     *
     * @param tensors by input name, or a lone {@linkplain NamedTensors#UNNAMED unnamed} one for the
     *     only input
     * @return the tensors by input name, still owned by the caller
     * @throws BadInputException naming the input that is missing, unknown or of another dtype or
     *     shape
     */
    Map<String, TType> bind(Map<String, TType> tensors) {
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
     * {@return for the first input whose shape is not the declared one, what was wrong; else null}
     */
    String shapeProblem(Map<String, TType> bound) {
        for (TensorSpec spec : inputs.values()) {
            TType tensor = bound.get(spec.name());
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
                + io.bactrian.tensor.DType.nameOf(tensor.dataType())
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
