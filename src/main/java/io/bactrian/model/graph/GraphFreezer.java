package io.bactrian.model.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef.ArgDef;
import org.tensorflow.proto.TensorProto;

/**
 * Freezes a graph: removes the nodes that its signatures do not need and replaces variables with
 * constants. TensorFlow folds constant subexpressions, prepares a convolution's weights once
 * instead of in each run, and fuses more operations.
 *
 * <p>Functions are kept, since TensorFlow inlines them itself: where a function reads a variable
 * that it takes as an argument, the constant replaces the read. This requires that the variable can
 * be identified, that no node writes it, and that the graph has no other state. Otherwise {@link
 * GraphNotFreezableException} gives the reason.
 */
public final class GraphFreezer {

    /** Reads the values of variables. */
    public interface VariableReader {
        /**
         * {@return the values, in the order of the nodes}
         *
         * @param readNodes the graph's nodes that read the variables. They are read in one run,
         *     since TensorFlow prunes and optimizes the graph for each new set of fetches
         * @param maxBytes the limit of their total size
         * @throws GraphNotFreezableException if a value can't be a constant
         */
        List<TensorProto> read(List<String> readNodes, long maxBytes)
                throws GraphNotFreezableException;
    }

    /** Tells which references of a graph or function stand for variables. */
    private interface VariableResolver {

        /** {@return the variable that a reference stands for, or null} */
        @Nullable String variable(String reference);
    }

    private static final double MEGABYTE = 1 << 20;

    private static final String VARIABLE = "VarHandleOp";
    private static final String READ = "ReadVariableOp";
    private static final Set<String> CALLS = Set.of("PartitionedCall", "StatefulPartitionedCall");

    private final GraphDef graph;
    private final long maxBytes;
    private final Map<String, NodeDef> nodes = new HashMap<>();
    private long bytes;
    private final Map<String, FunctionDef> library = new HashMap<>();

    /** By name of a called function, the variables that its arguments refer to. */
    private final Map<String, Map<String, String>> called = new LinkedHashMap<>();

    private GraphFreezer(GraphDef graph, long maxBytes) {
        this.graph = graph;
        this.maxBytes = maxBytes;
        graph.getNodeList().forEach(node -> nodes.put(node.getName(), node));
        graph.getLibrary()
                .getFunctionList()
                .forEach(function -> library.put(function.getSignature().getName(), function));
    }

    /**
     * {@return the frozen graph; null if the graph reads no variables}
     *
     * @param graph a SavedModel's graph
     * @param feeds names of the tensors that runs feed; the frozen graph keeps them
     * @param fetches names of the tensors that runs fetch; the frozen graph keeps them
     * @param variables reads the variables' values
     * @param maxBytes the limit of the constants' total size
     * @throws GraphNotFreezableException if the graph can't be frozen
     */
    public static @Nullable Frozen freeze(
            GraphDef graph,
            Collection<String> feeds,
            Collection<String> fetches,
            VariableReader variables,
            long maxBytes)
            throws GraphNotFreezableException {
        return new GraphFreezer(graph, maxBytes).freeze(feeds, fetches, variables);
    }

    /**
     * A graph without variables.
     *
     * @param definition the graph
     * @param bytes total size of the constants that replaced variables
     */
    public record Frozen(GraphDef definition, long bytes) {}

    private @Nullable Frozen freeze(
            Collection<String> feeds, Collection<String> fetches, VariableReader reader)
            throws GraphNotFreezableException {
        List<String> roots = new ArrayList<>(feeds);
        roots.addAll(fetches);
        List<NodeDef> kept = ancestors(roots);
        VariableResolver variables =
                reference -> variable(nodes.get(MutableGraph.nodeOf(reference)));
        walk(kept, variables);

        MutableGraph main = MutableGraph.ofGraph(kept, fetches);
        Map<MutableGraph, VariableResolver> bodies = new LinkedHashMap<>();
        bodies.put(main, variables);
        for (Map.Entry<String, Map<String, String>> call : called.entrySet()) {
            FunctionDef function = function(call.getKey());
            bodies.put(MutableGraph.ofFunction(function), resolver(function, call.getValue()));
        }
        if (!replaceReads(bodies, reader)) {
            return null;
        }
        bodies.keySet().forEach(BatchNormFolding::apply);

        GraphDef.Builder built = graph.toBuilder().clearNode().clearLibrary();
        built.addAllNode(main.build());
        for (MutableGraph body : bodies.keySet()) {
            if (body != main) {
                built.getLibraryBuilder().addFunction(body.buildFunction());
            }
        }
        return new Frozen(built.build(), bytes);
    }

    /**
     * Replaces reads of variables with constants.
     *
     * @return whether there were any
     */
    private boolean replaceReads(Map<MutableGraph, VariableResolver> bodies, VariableReader reader)
            throws GraphNotFreezableException {
        Map<NodeDef.Builder, String> reads = new LinkedHashMap<>();
        for (Map.Entry<MutableGraph, VariableResolver> body : bodies.entrySet()) {
            for (NodeDef.Builder node : body.getKey().nodes()) {
                if (node.getOp().equals(READ)) {
                    reads.put(
                            node,
                            Objects.requireNonNull(
                                    body.getValue().variable(node.getInput(0)), "variable"));
                    body.getKey().renameOutput(node, "value", "output");
                }
            }
        }
        if (reads.isEmpty()) {
            return false;
        }
        checkSize(declaredBytes(reads.values()));
        Map<String, TensorProto> constants = values(new LinkedHashSet<>(reads.values()), reader);
        for (Map.Entry<NodeDef.Builder, String> read : reads.entrySet()) {
            TensorProto value = Objects.requireNonNull(constants.get(read.getValue()), "value");
            bytes += value.getTensorContent().size();
            AttrValue dtype = AttrValue.newBuilder().setType(value.getDtype()).build();
            NodeDef.Builder node = read.getKey().setOp("Const").clearInput().clearAttr();
            node.putAttr("dtype", dtype);
            node.putAttr("value", AttrValue.newBuilder().setTensor(value).build());
        }
        checkSize(bytes);
        return true;
    }

    private long declaredBytes(Collection<String> variables) {
        Map<String, Long> sizes = new HashMap<>();
        for (NodeDef node : graph.getNodeList()) {
            if (node.getOp().equals(VARIABLE)) {
                sizes.put(variable(node), VariableSize.of(node));
            }
        }
        return variables.stream().mapToLong(each -> sizes.getOrDefault(each, 0L)).sum();
    }

    private void checkSize(long constants) throws GraphNotFreezableException {
        if (constants > maxBytes) {
            throw tooLarge(constants, maxBytes);
        }
    }

    private Map<String, TensorProto> values(Set<String> variables, VariableReader reader)
            throws GraphNotFreezableException {
        Map<String, String> readNodes = new HashMap<>();
        for (NodeDef node : graph.getNodeList()) {
            if (node.getOp().equals(READ)) {
                NodeDef handle = nodes.get(MutableGraph.nodeOf(node.getInput(0)));
                readNodes.putIfAbsent(variable(handle), node.getName());
            }
        }
        List<String> nodesToRead = new ArrayList<>();
        for (String variable : variables) {
            String readNode = readNodes.get(variable);
            if (readNode == null) {
                throw new GraphNotFreezableException("variable \"" + variable + "\" can't be read");
            }
            nodesToRead.add(readNode);
        }
        List<TensorProto> read = reader.read(nodesToRead, maxBytes);
        Map<String, TensorProto> constants = new HashMap<>();
        int index = 0;
        for (String variable : variables) {
            constants.put(variable, read.get(index++));
        }
        return constants;
    }

    /**
     * {@return the exception for constants that exceed the limit}
     *
     * @param bytes the size of the constants
     * @param maxBytes the limit
     */
    public static GraphNotFreezableException tooLarge(long bytes, long maxBytes) {
        return new GraphNotFreezableException(
                String.format(
                        "its variables would become %.1f MB of constants; %.1f MB remain of the"
                                + " limit for all models",
                        bytes / MEGABYTE, maxBytes / MEGABYTE));
    }

    /** {@return the nodes that computing the tensors requires, in the graph's order} */
    private List<NodeDef> ancestors(Collection<String> tensors) {
        Map<String, NodeDef> found = new HashMap<>();
        Deque<String> open = new ArrayDeque<>(tensors);
        while (!open.isEmpty()) {
            String name = MutableGraph.nodeOf(open.pop());
            NodeDef node = nodes.get(name);
            if (node != null && found.put(name, node) == null) {
                open.addAll(node.getInputList());
            }
        }
        return graph.getNodeList().stream()
                .filter(node -> found.containsKey(node.getName()))
                .toList();
    }

    /**
     * Traces variables through the nodes and the functions that they call.
     *
     * @param variables the variables that input references stand for
     */
    private void walk(List<NodeDef> body, VariableResolver variables)
            throws GraphNotFreezableException {
        for (NodeDef node : body) {
            if (keepsState(node)) {
                throw new GraphNotFreezableException("it has state: " + node.getOp());
            }
            boolean call = CALLS.contains(node.getOp());
            Map<String, String> arguments = new HashMap<>();
            for (int i = 0; i < node.getInputCount(); i++) {
                String variable = variables.variable(node.getInput(i));
                if (variable == null && i == 0 && node.getOp().equals(READ)) {
                    throw new GraphNotFreezableException(
                            "can't identify the variable that " + node.getName() + " reads");
                }
                if (variable == null || MutableGraph.isControl(node.getInput(i))) {
                    continue;
                }
                if (call) {
                    FunctionDef function = function(node.getAttrOrThrow("f").getFunc().getName());
                    arguments.put(function.getSignature().getInputArg(i).getName(), variable);
                } else if (!node.getOp().equals(READ)) {
                    throw new GraphNotFreezableException(
                            "variable \"" + variable + "\" is used by " + node.getOp());
                }
            }
            for (AttrValue attribute : node.getAttrMap().values()) {
                if (attribute.hasFunc()) {
                    enter(attribute.getFunc().getName(), arguments);
                }
                for (var function : attribute.getList().getFuncList()) {
                    enter(function.getName(), arguments);
                }
            }
        }
    }

    private void enter(String name, Map<String, String> arguments)
            throws GraphNotFreezableException {
        FunctionDef function = function(name);
        Map<String, String> before = called.putIfAbsent(name, arguments);
        if (before != null) {
            if (!before.equals(arguments)) {
                throw new GraphNotFreezableException(name + " is called with different variables");
            }
            return;
        }
        for (ArgDef argument : function.getSignature().getInputArgList()) {
            if (argument.getType() == DataType.DT_RESOURCE
                    && !arguments.containsKey(argument.getName())) {
                throw new GraphNotFreezableException(name + " takes an unidentified resource");
            }
        }
        VariableResolver variables = resolver(function, arguments);
        for (String result : function.getRetMap().values()) {
            if (variables.variable(result) != null) {
                throw new GraphNotFreezableException(name + " returns a variable");
            }
        }
        walk(function.getNodeDefList(), variables);
    }

    private FunctionDef function(String name) throws GraphNotFreezableException {
        FunctionDef function = library.get(name);
        if (function == null) {
            throw new GraphNotFreezableException("it has no function " + name);
        }
        return function;
    }

    private static VariableResolver resolver(FunctionDef function, Map<String, String> arguments) {
        Map<String, NodeDef> own = new HashMap<>();
        function.getNodeDefList().forEach(node -> own.put(node.getName(), node));
        return reference -> {
            String name = MutableGraph.nodeOf(reference);
            return arguments.getOrDefault(name, variable(own.get(name)));
        };
    }

    /** {@return the variable that the node is a handle of, or null} */
    private static @Nullable String variable(@Nullable NodeDef node) {
        if (node == null || !node.getOp().equals(VARIABLE)) {
            return null;
        }
        String shared =
                node.getAttrOrDefault("shared_name", AttrValue.getDefaultInstance())
                        .getS()
                        .toStringUtf8();
        return shared.isEmpty() ? node.getName() : shared;
    }

    /** Variable reads are replaced; a table would be empty in the frozen graph's session. */
    private static boolean keepsState(NodeDef node) {
        return switch (StateAccess.of(node)) {
            case NONE -> false;
            case READS -> !node.getOp().equals(VARIABLE) && !node.getOp().equals(READ);
            case CHANGES -> true;
        };
    }
}
