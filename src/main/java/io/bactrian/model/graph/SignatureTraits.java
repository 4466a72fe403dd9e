package io.bactrian.model.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;

/**
 * What the graph of a signature says about the meaning of its tensors beyond their shapes.
 *
 * @param scalings the scaling of each input that the graph begins with, by the tensor's name
 * @param outputOperations the operation that computes each output, such as {@code Softmax}, by the
 *     tensor's name; without those that are not known
 * @param operations all operations that a run may execute
 */
public record SignatureTraits(
        Map<String, InputScaling> scalings,
        Map<String, String> outputOperations,
        Set<String> operations) {

    /**
     * {@return the scaling that the graph begins with}
     *
     * @param tensorName the tensor's name in the graph, such as {@code serving_default_x:0}
     */
    public InputScaling scaling(String tensorName) {
        return scalings.getOrDefault(tensorName, InputScaling.NONE);
    }

    /**
     * {@return the operation that computes an output; null if it is not known}
     *
     * @param tensorName the tensor's name in the graph, such as {@code serving_default_x:0}
     */
    public @Nullable String outputOperation(String tensorName) {
        return outputOperations.get(tensorName);
    }

    /** Analyzes the signatures of one graph. */
    public static final class Analysis {

        /** Ends the search in loops of TensorFlow 1, which are cycles. */
        private static final int MAX_STEPS = 500;

        /** Bounds the search for a second constant, which would branch. */
        private static final int EPSILON_STEPS = 3;

        /** The largest constant that can be one of a scaling. */
        private static final int MAX_CHANNELS = 16;

        private static final Set<String> CALLS =
                Set.of("PartitionedCall", "StatefulPartitionedCall");

        /** Operations that keep their first input's values, at least nearly. */
        private static final Set<String> KEEP_VALUES =
                Set.of(
                        "Cast",
                        "CheckNumerics",
                        "EnsureShape",
                        "ExpandDims",
                        "Identity",
                        "PreventGradient",
                        "Reshape",
                        "Snapshot",
                        "Squeeze",
                        "StopGradient");

        /** Operations that give values in the range of their first input's. */
        private static final Set<String> KEEP_RANGE =
                Set.of(
                        "AvgPool",
                        "MaxPool",
                        "MirrorPad",
                        "Pad",
                        "ResizeArea",
                        "ResizeBicubic",
                        "ResizeBilinear",
                        "ResizeNearestNeighbor",
                        "ReverseV2",
                        "Transpose");

        /** Operations that give parts of a tensor, such as each of its channels. */
        private static final Set<String> SPLITS = Set.of("Split", "StridedSlice", "Unpack");

        /** Operations that join tensors, such as channels in another order. */
        private static final Set<String> JOINS = Set.of("ConcatV2", "Pack");

        /** Operations that read no values. */
        private static final Set<String> READ_SHAPE = Set.of("Rank", "Shape", "ShapeN", "Size");

        private final ReachedOperations.Finder finder;
        private final Map<String, FunctionDef> library = new HashMap<>();
        private final Body graph;

        /**
         * Creates an analysis.
         *
         * @param graph the graph with the signatures' tensors
         */
        public Analysis(GraphDef graph) {
            this.finder = new ReachedOperations.Finder(graph);
            graph.getLibrary()
                    .getFunctionList()
                    .forEach(function -> library.put(function.getSignature().getName(), function));
            this.graph = new Body(graph.getNodeList(), null, null, null);
        }

        /**
         * {@return the traits of a signature}
         *
         * @param inputs names of the tensors that the signature feeds, such as {@code x:0}
         * @param outputs names of the tensors that it fetches
         */
        public SignatureTraits of(Collection<String> inputs, Collection<String> outputs) {
            Map<String, InputScaling> scalings = new TreeMap<>();
            inputs.forEach(each -> scalings.put(each, scaling(each)));
            Map<String, String> outputOperations = new TreeMap<>();
            for (String output : outputs) {
                String operation = operation(output);
                if (operation != null) {
                    outputOperations.put(output, operation);
                }
            }
            Set<String> operations =
                    finder.find(inputs, outputs).all().stream()
                            .map(NodeDef::getOp)
                            .collect(Collectors.toSet());
            return new SignatureTraits(scalings, outputOperations, operations);
        }

        /**
         * {@return the scaling by constants that the graph begins with}
         *
         * @param input the name of the tensor that is fed, such as {@code x:0}
         */
        public InputScaling scaling(String input) {
            InputScaling scaling = InputScaling.NONE;
            Position at = new Position(graph, TensorKey.of(input));
            for (int steps = 0; at != null && steps < MAX_STEPS; steps++) {
                List<NodeDef> consumers = at.consumers();
                if (consumers.isEmpty()) {
                    at = at.returned();
                } else if (consumers.stream().allMatch(each -> SPLITS.contains(each.getOp()))) {
                    at = at.joined(consumers);
                } else if (consumers.size() > 1) {
                    return scaling;
                } else {
                    NodeDef node = consumers.get(0);
                    boolean isFirst = TensorKey.of(node.getInput(0)).equals(at.tensor());
                    InputScaling scaled = scaled(scaling, node, at, isFirst);
                    if (scaled != null) {
                        scaling = scaled;
                        at = at.output(node);
                    } else if (isFirst
                            && (KEEP_VALUES.contains(node.getOp())
                                    || KEEP_RANGE.contains(node.getOp()))) {
                        at = at.output(node);
                    } else {
                        at = entered(at, node);
                    }
                }
            }
            return scaling;
        }

        /** {@return the scaling with that of a node; null if the node does not scale} */
        private @Nullable InputScaling scaled(
                InputScaling scaling, NodeDef node, Position at, boolean isFirst) {
            if (node.getInputCount() < 2) {
                return null;
            }
            double[] constant = constant(at.body(), node.getInput(isFirst ? 1 : 0), 0);
            if (constant == null) {
                return null;
            }
            return switch (node.getOp()) {
                case "Mul" -> scaling.times(constant);
                case "Add", "AddV2", "BiasAdd" -> scaling.plus(constant);
                case "Sub" -> isFirst ? scaling.minus(constant) : scaling.subtractedFrom(constant);
                case "Div", "RealDiv" -> isFirst ? scaling.over(constant) : null;
                default -> null;
            };
        }

        /** {@return the argument of the function that a node calls; null if it calls none} */
        private @Nullable Position entered(Position at, NodeDef node) {
            FunctionDef function = called(node);
            int index = inputs(node).indexOf(at.tensor());
            if (function == null
                    || index < 0
                    || index >= function.getSignature().getInputArgCount()) {
                return null;
            }
            String argument = function.getSignature().getInputArg(index).getName();
            return new Position(Body.of(function, at.body(), node), new TensorKey(argument, 0));
        }

        private @Nullable FunctionDef called(NodeDef node) {
            String name =
                    CALLS.contains(node.getOp())
                            ? node.getAttrOrDefault("f", AttrValue.getDefaultInstance())
                                    .getFunc()
                                    .getName()
                            : node.getOp();
            return library.get(name);
        }

        private static List<TensorKey> inputs(NodeDef node) {
            return node.getInputList().stream()
                    .filter(reference -> !MutableGraph.isControl(reference))
                    .map(TensorKey::of)
                    .toList();
        }

        /** {@return the elements of a tensor that is a small constant; null if it is not} */
        private double @Nullable [] constant(Body body, String reference, int depth) {
            TensorKey tensor = TensorKey.of(reference);
            NodeDef node = body.nodes.get(tensor.node());
            if (MutableGraph.isControl(reference) || depth > MAX_STEPS) {
                return null;
            }
            if (node == null) {
                String passed = body.passed(tensor.node());
                return passed == null
                        ? null
                        : constant(Objects.requireNonNull(body.caller), passed, depth + 1);
            }
            if (node.getOp().equals("Const")) {
                TensorProto value =
                        node.getAttrOrDefault("value", AttrValue.getDefaultInstance()).getTensor();
                return ConstantNumbers.of(value, MAX_CHANNELS);
            }
            double[] first =
                    node.getInputCount() == 0 ? null : constant(body, node.getInput(0), depth + 1);
            if (first == null || KEEP_VALUES.contains(node.getOp())) {
                return first;
            }
            // What a Normalization layer does to its constants.
            return switch (node.getOp()) {
                case "Sqrt" -> map(first, Math::sqrt);
                case "Rsqrt" -> map(first, each -> 1 / Math.sqrt(each));
                case "Maximum" -> {
                    // The epsilon, which is at most cast and passed on.
                    double[] other =
                            constant(
                                    body,
                                    node.getInput(1),
                                    Math.max(depth + 1, MAX_STEPS - EPSILON_STEPS));
                    yield other == null || other.length != 1
                            ? null
                            : map(first, each -> Math.max(each, other[0]));
                }
                default -> null;
            };
        }

        private static double[] map(double[] numbers, DoubleUnaryOperator operator) {
            return Arrays.stream(numbers).map(operator).toArray();
        }

        private @Nullable String operation(String output) {
            Position at = new Position(graph, TensorKey.of(output));
            for (int steps = 0; at != null && steps < MAX_STEPS; steps++) {
                Body body = at.body();
                NodeDef node = body.nodes.get(at.tensor().node());
                if (node == null) {
                    String passed = body.passed(at.tensor().node());
                    at =
                            passed == null
                                    ? null
                                    : new Position(
                                            Objects.requireNonNull(body.caller),
                                            TensorKey.of(passed));
                    continue;
                }
                FunctionDef function = called(node);
                if (function != null) {
                    String result =
                            function.getSignature().getOutputArg(at.tensor().index()).getName();
                    at =
                            new Position(
                                    Body.of(function, body, node),
                                    TensorKey.of(function.getRetOrThrow(result)));
                } else if (KEEP_VALUES.contains(node.getOp())) {
                    at = new Position(body, TensorKey.of(node.getInput(0)));
                } else if (node.getOp().equals("IdentityN")) {
                    at = new Position(body, TensorKey.of(node.getInput(at.tensor().index())));
                } else {
                    return node.getOp();
                }
            }
            return null;
        }

        /**
         * An output of a node, whatever form refers to it: {@code node}, {@code node:1} in a graph,
         * {@code node:output:1} in a function.
         *
         * @param node the node's name, or that of a function's argument
         * @param index the output's
         */
        private record TensorKey(String node, int index) {

            static TensorKey of(String reference) {
                int last = reference.lastIndexOf(':');
                return new TensorKey(
                        MutableGraph.nodeOf(reference),
                        last < 0 ? 0 : index(reference.substring(last + 1)));
            }

            /** {@return the index; -1, which no output has, for a reference that is malformed} */
            private static int index(String digits) {
                try {
                    return Integer.parseUnsignedInt(digits);
                } catch (NumberFormatException e) {
                    return -1;
                }
            }
        }

        /** A tensor in the graph, or in a call of a function. */
        private record Position(Body body, TensorKey tensor) {

            List<NodeDef> consumers() {
                return body.consumers.getOrDefault(tensor, List.of());
            }

            Position output(NodeDef node) {
                return new Position(body, new TensorKey(node.getName(), 0));
            }

            /**
             * {@return what the parts of the tensor are joined to; the part itself, if there is
             * only one; null if they are used otherwise}
             */
            @Nullable Position joined(List<NodeDef> splits) {
                List<TensorKey> parts =
                        splits.stream().flatMap(split -> body.usedOutputs(split).stream()).toList();
                if (parts.size() == 1) {
                    return new Position(body, parts.get(0));
                }
                List<NodeDef> users =
                        parts.stream()
                                .flatMap(part -> new Position(body, part).consumers().stream())
                                .distinct()
                                .toList();
                return users.size() == 1 && JOINS.contains(users.get(0).getOp())
                        ? output(users.get(0))
                        : null;
            }

            /** {@return the call's output that the tensor becomes; null if it becomes none} */
            @Nullable Position returned() {
                FunctionDef function = body.function;
                if (function == null) {
                    return null;
                }
                for (int i = 0; i < function.getSignature().getOutputArgCount(); i++) {
                    String result = function.getSignature().getOutputArg(i).getName();
                    if (TensorKey.of(function.getRetOrDefault(result, "")).equals(tensor)) {
                        String call = Objects.requireNonNull(body.call).getName();
                        return new Position(
                                Objects.requireNonNull(body.caller), new TensorKey(call, i));
                    }
                }
                return null;
            }
        }

        /** The nodes of the graph, or of a function that a node calls. */
        private static final class Body {

            private final Map<String, NodeDef> nodes = new LinkedHashMap<>();
            private final Map<TensorKey, List<NodeDef>> consumers = new HashMap<>();
            private final @Nullable FunctionDef function;
            private final @Nullable Body caller;
            private final @Nullable NodeDef call;

            private Body(
                    List<NodeDef> nodes,
                    @Nullable FunctionDef function,
                    @Nullable Body caller,
                    @Nullable NodeDef call) {
                this.function = function;
                this.caller = caller;
                this.call = call;
                for (NodeDef node : nodes) {
                    this.nodes.put(node.getName(), node);
                    if (!READ_SHAPE.contains(node.getOp())) {
                        for (TensorKey input : Set.copyOf(inputs(node))) {
                            consumers.computeIfAbsent(input, any -> new ArrayList<>()).add(node);
                        }
                    }
                }
            }

            /** {@return the outputs of a node that other nodes of this body read} */
            List<TensorKey> usedOutputs(NodeDef node) {
                return consumers.keySet().stream()
                        .filter(tensor -> tensor.node().equals(node.getName()))
                        .toList();
            }

            static Body of(FunctionDef function, Body caller, NodeDef call) {
                return new Body(function.getNodeDefList(), function, caller, call);
            }

            /**
             * {@return what the caller passes as an argument; null if there is none of the name}
             */
            @Nullable String passed(String argument) {
                if (function == null || call == null) {
                    return null;
                }
                for (int i = 0; i < function.getSignature().getInputArgCount(); i++) {
                    if (function.getSignature().getInputArg(i).getName().equals(argument)) {
                        return call.getInput(i);
                    }
                }
                return null;
            }
        }
    }
}
