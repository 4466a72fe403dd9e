package io.bactrian.model;

import io.bactrian.model.graph.InputScaling;
import io.bactrian.model.graph.SignatureEffects;
import io.bactrian.model.graph.SignatureTraits;
import io.bactrian.model.graph.UnrestoredVariables;
import io.bactrian.session.GraphTensors;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.tensorflow.Graph;
import org.tensorflow.Output;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * The checks of declared signatures against the graph that implements them. A signature that fails
 * one is kept, with its {@linkplain Signature#problem problem}.
 */
final class SignatureValidation {

    /** The methods that take serialized {@code tf.train.Example}s. */
    private static final Set<String> EXAMPLE_METHODS =
            Set.of("tensorflow/serving/classify", "tensorflow/serving/regress");

    private SignatureValidation() {}

    /**
     * {@return the file's signatures with the effects of their operations and the scaling of their
     * inputs, by name}
     */
    static Map<String, Signature> analyzed(SavedModelFile file) {
        GraphDef graph = file.metaGraph().getGraphDef();
        SignatureEffects.Analysis analysis = new SignatureEffects.Analysis(graph);
        SignatureTraits.Analysis traits = new SignatureTraits.Analysis(graph);
        Map<String, Signature> signatures = file.signatures();
        signatures.replaceAll(
                (name, signature) -> {
                    SignatureEffects effects =
                            analysis.of(
                                    TensorSpec.tensorNames(signature.inputs()),
                                    TensorSpec.tensorNames(signature.outputs()));
                    Signature analyzed =
                            signature.withAnalysis(effects, scalings(signature, traits));
                    return signature.isRunnable() && effects.unavailable() != null
                            ? analyzed.withProblem(effects.unavailable())
                            : analyzed;
                });
        return signatures;
    }

    private static Map<String, InputScaling> scalings(
            Signature signature, SignatureTraits.Analysis traits) {
        Map<String, InputScaling> scalings = new TreeMap<>();
        for (TensorSpec input : signature.inputs().values()) {
            scalings.put(input.name(), traits.scaling(input.tensorName()));
        }
        return scalings;
    }

    /**
     * {@return the signatures, those that use a variable without a value marked as not runnable}
     *
     * @param uninitialized the nodes of the variables without a value
     */
    static Map<String, Signature> withoutUninitialized(
            Map<String, Signature> signatures,
            UnrestoredVariables variables,
            List<NodeDef> uninitialized) {
        if (uninitialized.isEmpty() || variables.areAssigned()) {
            return signatures;
        }
        Map<String, Signature> checked = new TreeMap<>(signatures);
        for (NodeDef variable : uninitialized) {
            String problem =
                    "its variable \""
                            + variable.getName()
                            + "\" has no value: neither the SavedModel's restore operation nor its"
                            + " object graph leads to one in the checkpoint";
            checked.replaceAll(
                    (name, signature) ->
                            signature.isRunnable() && variables.uses(name, variable)
                                    ? signature.withProblem(problem)
                                    : signature);
        }
        return checked;
    }

    /**
     * {@return the signatures with the graph's input shapes, which take precedence} TensorFlow
     * Serving's own test models declare shapes and dtypes that their graphs do not have.
     */
    static SortedMap<String, Signature> againstGraph(
            Graph graph, Map<String, Signature> signatures) {
        SortedMap<String, Signature> checked = new TreeMap<>();
        signatures.forEach((name, signature) -> checked.put(name, againstGraph(graph, signature)));
        return checked;
    }

    private static Signature againstGraph(Graph graph, Signature declared) {
        if (!declared.isRunnable()) {
            return declared;
        }
        List<String> problems = new ArrayList<>();
        Map<String, TensorSpec> inputs =
                againstGraph(graph, true, withExamples(graph, declared), problems);
        Map<String, TensorSpec> outputs = againstGraph(graph, false, declared.outputs(), problems);
        Signature checked = declared.withTensors(inputs, outputs);
        return problems.isEmpty() ? checked : checked.withProblem(String.join("; ", problems));
    }

    /**
     * {@return the inputs; where the method takes serialized Examples and the graph has strings,
     * those are strings, whatever is declared} TensorFlow Serving does not look at their dtype.
     */
    private static Map<String, TensorSpec> withExamples(Graph graph, Signature declared) {
        Map<String, TensorSpec> inputs = new LinkedHashMap<>(declared.inputs());
        if (EXAMPLE_METHODS.contains(declared.methodName())) {
            inputs.replaceAll(
                    (name, spec) -> {
                        Output<?> tensor = GraphTensors.find(graph, spec.tensorName());
                        return tensor != null && tensor.dataType() == DataType.DT_STRING
                                ? new TensorSpec(
                                        name, spec.tensorName(), DataType.DT_STRING, spec.shape())
                                : spec;
                    });
        }
        return inputs;
    }

    private static Map<String, TensorSpec> againstGraph(
            Graph graph, boolean inputs, Map<String, TensorSpec> specs, List<String> problems) {
        Map<String, TensorSpec> checked = new LinkedHashMap<>();
        for (TensorSpec spec : specs.values()) {
            checked.put(spec.name(), spec);
            Output<?> tensor = GraphTensors.find(graph, spec.tensorName());
            String described = (inputs ? "input" : "output") + " \"" + spec.name() + "\"";
            if (tensor == null) {
                problems.add(described + " names no tensor of the graph: " + spec.tensorName());
            } else if (!hasDtype(tensor, spec.dtype())) {
                problems.add(
                        described
                                + " is declared "
                                + DType.nameOf(spec.dataType())
                                + " but is "
                                + DType.nameOf(tensor.dataType())
                                + " in the graph");
            } else if (inputs) {
                checked.put(
                        spec.name(),
                        new TensorSpec(
                                spec.name(), spec.tensorName(), spec.dataType(), tensor.shape()));
            }
        }
        return checked;
    }

    private static boolean hasDtype(Output<?> tensor, DType dtype) {
        return DType.isSupported(tensor.dataType()) && DType.of(tensor.dataType()) == dtype;
    }
}
