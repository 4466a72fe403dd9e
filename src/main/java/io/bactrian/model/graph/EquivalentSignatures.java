package io.bactrian.model.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.OpDef.ArgDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/**
 * The equivalence classes of a SavedModel's signatures: equivalent signatures compute the same
 * outputs from the same inputs, as {@code serve} and {@code serving_default} of Keras' {@code
 * model.export} do. One of them can run for all, so that TensorFlow prepares one graph instead of
 * several.
 *
 * <p>Nodes are equivalent if they have the same operation, attributes and inputs; functions, if
 * their nodes are equivalent. A stateful operation is equivalent only to itself, unless its state
 * is a variable, which has a name, or belongs to a function.
 */
public final class EquivalentSignatures {

    private static final String VARIABLE = "VarHandleOp";
    private static final String PLACEHOLDER = "Placeholder";

    /** Stateful only by their inputs and functions. */
    private static final Set<String> BY_STRUCTURE =
            Set.of("ReadVariableOp", "StatefulPartitionedCall", "While", "If", "Case");

    /** Attributes that do not affect the result. */
    private static final Set<String> REMARKS =
            Set.of("_output_shapes", "_user_specified_name", "_input_shapes", "_class");

    /** A larger constant is equivalent only to itself. */
    private static final int MAX_COMPARED_BYTES = 1 << 16;

    private final Map<String, FunctionDef> library = new HashMap<>();
    private final Map<List<Object>, Integer> interned = new HashMap<>();

    /** Whether a function is being examined. */
    private boolean entered;

    private EquivalentSignatures(GraphDef graph) {
        graph.getLibrary()
                .getFunctionList()
                .forEach(each -> library.put(each.getSignature().getName(), each));
    }

    /**
     * {@return by signature, the first equivalent signature, often itself}
     *
     * @param metaGraph the SavedModel's graph
     * @param names the names of the signatures, in order of preference
     */
    public static Map<String, String> of(MetaGraphDef metaGraph, Collection<String> names) {
        Map<String, String> first = new HashMap<>();
        if (names.size() < 2) {
            names.forEach(name -> first.put(name, name));
            return first;
        }
        EquivalentSignatures finder = new EquivalentSignatures(metaGraph.getGraphDef());
        Map<String, NodeDef> nodes = new HashMap<>();
        metaGraph.getGraphDef().getNodeList().forEach(node -> nodes.put(node.getName(), node));
        Map<Object, String> representatives = new HashMap<>();
        for (String name : names) {
            Object identity = finder.identity(name, metaGraph.getSignatureDefOrThrow(name), nodes);
            first.put(name, representatives.computeIfAbsent(identity, key -> name));
        }
        return first;
    }

    private Object identity(String name, SignatureDef signature, Map<String, NodeDef> nodes) {
        Map<String, String> inputs = new HashMap<>();
        for (Map.Entry<String, TensorInfo> input : signature.getInputsMap().entrySet()) {
            String tensor = input.getValue().getName();
            String node = nodeOf(tensor);
            if (!tensor.equals(node + ":0") || inputs.put(node, input.getKey()) != null) {
                return name;
            }
        }
        Body body = new Body("", nodes, inputs);
        SortedMap<String, Object> outputs = new TreeMap<>();
        for (Map.Entry<String, TensorInfo> output : signature.getOutputsMap().entrySet()) {
            outputs.put(output.getKey(), body.tensor(output.getValue().getName()));
        }
        return List.of(new TreeSet<>(inputs.values()), outputs);
    }

    /**
     * {@return a function's identity, which interchangeable functions share} Functions that it
     * calls are identified by name, since signatures differ in wrappers only.
     */
    private Object function(String name) {
        if (entered || !library.containsKey(name)) {
            return name;
        }
        entered = true;
        try {
            return identity(library.get(name));
        } finally {
            entered = false;
        }
    }

    private Integer identity(FunctionDef function) {
        Map<String, String> arguments = new HashMap<>();
        List<Object> types = new ArrayList<>();
        for (ArgDef argument : function.getSignature().getInputArgList()) {
            arguments.put(argument.getName(), "argument " + arguments.size());
            types.add(argument.toBuilder().clearName().clearDescription().build());
        }
        Map<String, NodeDef> nodes = new HashMap<>();
        function.getNodeDefList().forEach(node -> nodes.put(node.getName(), node));
        Body body = new Body(function.getSignature().getName(), nodes, arguments);
        List<Object> results = new ArrayList<>();
        for (ArgDef result : function.getSignature().getOutputArgList()) {
            results.add(body.tensor(function.getRetOrThrow(result.getName())));
        }
        List<Integer> all = new ArrayList<>();
        for (String node : nodes.keySet()) {
            all.add(body.node(node));
        }
        all.sort(null);
        List<Integer> awaited = new ArrayList<>();
        function.getControlRetMap().values().forEach(each -> awaited.add(body.node(each)));
        awaited.sort(null);
        return intern(
                List.of(
                        "function",
                        types,
                        results,
                        all,
                        awaited,
                        attributes(function.getAttrMap())));
    }

    private Integer intern(List<Object> structure) {
        return interned.computeIfAbsent(structure, key -> interned.size());
    }

    private Map<String, Object> attributes(Map<String, AttrValue> all) {
        Map<String, Object> attributes = new TreeMap<>();
        all.forEach(
                (name, value) -> {
                    if (REMARKS.contains(name)) {
                        return;
                    }
                    attributes.put(name, value);
                    if (value.hasFunc()) {
                        attributes.put(name, attribute(value.getFunc()));
                    } else if (value.getList().getFuncCount() > 0) {
                        attributes.put(
                                name,
                                value.getList().getFuncList().stream()
                                        .map(this::attribute)
                                        .toList());
                    }
                });
        return attributes;
    }

    private Object attribute(NameAttrList function) {
        return List.of(function(function.getName()), attributes(function.getAttrMap()));
    }

    /** Unregistered operations, such as function names, are treated as stateful. */
    private static boolean isStateful(String operation) {
        OpDef definition = RegisteredOperations.find(operation);
        return definition == null || definition.getIsStateful();
    }

    private static String nodeOf(String reference) {
        int start = reference.startsWith("^") ? 1 : 0;
        int colon = reference.indexOf(':');
        return reference.substring(start, colon < 0 ? reference.length() : colon);
    }

    /** The nodes of the graph, or of a function. */
    private final class Body {

        private final String name;
        private final Map<String, NodeDef> nodes;

        /** Identities of the nodes or arguments that are fed. */
        private final Map<String, String> inputs;

        private final Map<String, Integer> found = new HashMap<>();

        Body(String name, Map<String, NodeDef> nodes, Map<String, String> inputs) {
            this.name = name;
            this.nodes = nodes;
            this.inputs = inputs;
        }

        /** {@return the identity of a node's output} */
        Object tensor(String reference) {
            String node = nodeOf(reference);
            String output = reference.substring(reference.indexOf(node) + node.length());
            return List.of(reference.startsWith("^"), node(node), output.isEmpty() ? ":0" : output);
        }

        /** Iterative, since graphs of TensorFlow 1 can be as deep as they have nodes. */
        Integer node(String wanted) {
            Deque<String> open = new ArrayDeque<>(List.of(wanted));
            Set<String> waiting = new HashSet<>();
            while (!open.isEmpty()) {
                String next = open.peek();
                NodeDef node = nodes.get(next);
                List<String> needed = new ArrayList<>();
                if (node != null && !inputs.containsKey(next) && isByStructure(node)) {
                    node.getInputList().forEach(each -> needed.add(nodeOf(each)));
                    needed.removeIf(found::containsKey);
                }
                if (found.containsKey(next)) {
                    open.pop();
                } else if (needed.isEmpty()) {
                    found.put(next, identity(next, node));
                    open.pop();
                } else if (!waiting.add(next)) {
                    // It is part of a cycle: it is equivalent only to itself.
                    found.put(next, itself(next));
                    open.pop();
                } else {
                    needed.forEach(open::push);
                }
            }
            return Objects.requireNonNull(found.get(wanted), wanted);
        }

        private Integer identity(String node, @Nullable NodeDef definition) {
            if (inputs.containsKey(node)) {
                return intern(
                        List.of(
                                "input",
                                inputs.get(node),
                                definition == null ? "" : attributes(definition.getAttrMap())));
            }
            if (definition == null || !isByStructure(definition)) {
                return itself(node);
            }
            List<Object> tensors = new ArrayList<>();
            definition.getInputList().forEach(each -> tensors.add(tensor(each)));
            return intern(
                    List.of(
                            definition.getOp(),
                            definition.getDevice(),
                            attributes(definition.getAttrMap()),
                            tensors));
        }

        private Integer itself(String node) {
            return intern(List.of("node", name, node));
        }

        private boolean isByStructure(NodeDef node) {
            String operation = node.getOp();
            if (operation.equals(VARIABLE)) {
                return !node.getAttrOrDefault("shared_name", AttrValue.getDefaultInstance())
                        .getS()
                        .isEmpty();
            }
            return !operation.equals(PLACEHOLDER)
                    && node.getSerializedSize() <= MAX_COMPARED_BYTES
                    && (BY_STRUCTURE.contains(operation) || !isStateful(operation));
        }
    }
}
