package io.bactrian.model;

import io.bactrian.model.graph.StateAccess;
import io.bactrian.model.graph.VariableSize;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef.ArgDef;
import org.tensorflow.proto.TensorProto;

/**
 * A SavedModel's graph without what its signatures do not need, and with constants in the place of
 * its variables. TensorFlow computes at once what depends on constants only, prepares a
 * convolution's weights once instead of at each run, and fuses more operations.
 *
 * <p>Functions stay functions, since TensorFlow inlines them itself: where one reads a variable
 * that was handed to it, it has the constant instead. That can be done only where it is certain
 * which variable that is and that nobody writes it, and where the model keeps no state besides:
 * else {@link NotConstantException} says what stands in the way, and the model is to be run as it
 * is.
 */
final class GraphFreezer {

    /** Says why a graph can't be made constant. */
    static final class NotConstantException extends Exception {
        NotConstantException(String message) {
            super(message);
        }
    }

    /** Reads variables' values. */
    interface Values {
        /**
         * {@return the values in that order}
         *
         * @param operations the graph's nodes that read the variables, in one run, since TensorFlow
         *     prepares each run of another kind for long
         * @param mostBytes as many as may be read
         * @throws NotConstantException if one can't be a constant
         */
        List<TensorProto> read(List<String> operations, long mostBytes) throws NotConstantException;
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

    /** For each function that is called, which variables its arguments are. */
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
     * {@return null if the graph reads no variables}
     *
     * @param metaGraph the SavedModel's
     * @param signatures those to be run; their tensors have the same names in the new graph
     * @param values of the variables
     * @param maxBytes that the constants may have
     * @throws NotConstantException if the graph must stay as it is
     */
    static Frozen of(
            MetaGraphDef metaGraph, Collection<Signature> signatures, Values values, long maxBytes)
            throws NotConstantException {
        return new GraphFreezer(metaGraph.getGraphDef(), maxBytes).make(signatures, values);
    }

    /**
     * A graph without variables.
     *
     * @param definition the graph
     * @param bytes of the constants that were variables
     */
    record Frozen(GraphDef definition, long bytes) {}

    private Frozen make(Collection<Signature> signatures, Values values)
            throws NotConstantException {
        List<String> fetched = new ArrayList<>();
        List<String> needed = new ArrayList<>();
        for (Signature signature : signatures) {
            signature.outputs().values().forEach(spec -> fetched.add(spec.tensorName()));
            signature.inputs().values().forEach(spec -> needed.add(spec.tensorName()));
        }
        needed.addAll(fetched);
        List<NodeDef> kept = needed(needed);
        UnaryOperator<String> variables =
                reference -> variable(nodes.get(MutableGraph.nodeOf(reference)));
        walk(kept, variables);

        MutableGraph main = MutableGraph.ofGraph(kept, fetched);
        Map<MutableGraph, UnaryOperator<String>> bodies = new LinkedHashMap<>();
        bodies.put(main, variables);
        called.forEach(
                (name, handed) -> {
                    FunctionDef function = library.get(name);
                    bodies.put(MutableGraph.ofFunction(function), resolver(function, handed));
                });
        if (!putConstants(bodies, values)) {
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
     * Puts constants in the place of the reads of variables.
     *
     * @return whether there were any
     */
    private boolean putConstants(Map<MutableGraph, UnaryOperator<String>> bodies, Values values)
            throws NotConstantException {
        Map<NodeDef.Builder, String> reads = new LinkedHashMap<>();
        for (Map.Entry<MutableGraph, UnaryOperator<String>> body : bodies.entrySet()) {
            for (NodeDef.Builder node : body.getKey().nodes()) {
                if (node.getOp().equals(READ)) {
                    reads.put(node, body.getValue().apply(node.getInput(0)));
                    body.getKey().renameOutput(node, "value", "output");
                }
            }
        }
        if (reads.isEmpty()) {
            return false;
        }
        checkSize(declaredBytes(reads.values()));
        Map<String, TensorProto> constants = values(new LinkedHashSet<>(reads.values()), values);
        for (Map.Entry<NodeDef.Builder, String> read : reads.entrySet()) {
            TensorProto value = constants.get(read.getValue());
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

    private void checkSize(long constants) throws NotConstantException {
        if (constants > maxBytes) {
            throw tooLarge(constants, maxBytes);
        }
    }

    private Map<String, TensorProto> values(Set<String> variables, Values values)
            throws NotConstantException {
        Map<String, String> readers = new HashMap<>();
        for (NodeDef node : graph.getNodeList()) {
            if (node.getOp().equals(READ)) {
                NodeDef handle = nodes.get(MutableGraph.nodeOf(node.getInput(0)));
                readers.putIfAbsent(variable(handle), node.getName());
            }
        }
        List<String> operations = new ArrayList<>();
        for (String variable : variables) {
            String reader = readers.get(variable);
            if (reader == null) {
                throw new NotConstantException("variable \"" + variable + "\" can't be read");
            }
            operations.add(reader);
        }
        List<TensorProto> read = values.read(operations, maxBytes);
        Map<String, TensorProto> constants = new HashMap<>();
        int index = 0;
        for (String variable : variables) {
            constants.put(variable, read.get(index++));
        }
        return constants;
    }

    /** {@return that the constants would be too large} */
    static NotConstantException tooLarge(long bytes, long maxBytes) {
        return new NotConstantException(
                String.format(
                        "its variables would be %.1f MB of constants, and %.1f MB are left for"
                                + " those of all models",
                        bytes / MEGABYTE, maxBytes / MEGABYTE));
    }

    /** The nodes that have to run for some tensors, in the graph's order. */
    private List<NodeDef> needed(Collection<String> tensors) {
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
     * Follows the variables through the nodes and the functions they call.
     *
     * @param variables for a reference the variable it is, or null
     */
    private void walk(List<NodeDef> body, UnaryOperator<String> variables)
            throws NotConstantException {
        for (NodeDef node : body) {
            if (keepsState(node)) {
                throw new NotConstantException("it has state: " + node.getOp());
            }
            boolean call = CALLS.contains(node.getOp());
            Map<String, String> handed = new HashMap<>();
            for (int i = 0; i < node.getInputCount(); i++) {
                String variable = variables.apply(node.getInput(i));
                if (variable == null && i == 0 && node.getOp().equals(READ)) {
                    throw new NotConstantException(
                            "it is not known what " + node.getName() + " reads");
                }
                if (variable == null || MutableGraph.isControl(node.getInput(i))) {
                    continue;
                }
                if (call) {
                    FunctionDef function = function(node.getAttrOrThrow("f").getFunc().getName());
                    handed.put(function.getSignature().getInputArg(i).getName(), variable);
                } else if (!node.getOp().equals(READ)) {
                    throw new NotConstantException(
                            "variable \"" + variable + "\" is used by " + node.getOp());
                }
            }
            for (AttrValue attribute : node.getAttrMap().values()) {
                if (attribute.hasFunc()) {
                    enter(attribute.getFunc().getName(), handed);
                }
                for (var function : attribute.getList().getFuncList()) {
                    enter(function.getName(), handed);
                }
            }
        }
    }

    private void enter(String name, Map<String, String> handed) throws NotConstantException {
        FunctionDef function = function(name);
        Map<String, String> before = called.putIfAbsent(name, handed);
        if (before != null) {
            if (!before.equals(handed)) {
                throw new NotConstantException(name + " is called with different variables");
            }
            return;
        }
        for (ArgDef argument : function.getSignature().getInputArgList()) {
            if (argument.getType() == DataType.DT_RESOURCE
                    && !handed.containsKey(argument.getName())) {
                throw new NotConstantException(name + " takes a resource that is not known");
            }
        }
        UnaryOperator<String> variables = resolver(function, handed);
        for (String result : function.getRetMap().values()) {
            if (variables.apply(result) != null) {
                throw new NotConstantException(name + " gives a variable back");
            }
        }
        walk(function.getNodeDefList(), variables);
    }

    private FunctionDef function(String name) throws NotConstantException {
        FunctionDef function = library.get(name);
        if (function == null) {
            throw new NotConstantException("it has no function " + name);
        }
        return function;
    }

    private static UnaryOperator<String> resolver(
            FunctionDef function, Map<String, String> handed) {
        Map<String, NodeDef> own = new HashMap<>();
        function.getNodeDefList().forEach(node -> own.put(node.getName(), node));
        return reference -> {
            String name = MutableGraph.nodeOf(reference);
            return handed.getOrDefault(name, variable(own.get(name)));
        };
    }

    /** {@return which variable the node is a handle of, or null} */
    private static String variable(NodeDef node) {
        if (node == null || !node.getOp().equals(VARIABLE)) {
            return null;
        }
        String shared =
                node.getAttrOrDefault("shared_name", AttrValue.getDefaultInstance())
                        .getS()
                        .toStringUtf8();
        return shared.isEmpty() ? node.getName() : shared;
    }

    /** Reads of variables are followed; a table would be empty in the new graph's session. */
    private static boolean keepsState(NodeDef node) {
        return switch (StateAccess.of(node)) {
            case NONE -> false;
            case READS -> !node.getOp().equals(VARIABLE) && !node.getOp().equals(READ);
            case CHANGES -> true;
        };
    }
}
