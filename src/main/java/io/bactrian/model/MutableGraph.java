package io.bactrian.model;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;

/**
 * The nodes of a graph, or of one of its functions, while they are changed.
 *
 * <p>The two name a node's outputs in different ways: a graph by number, {@code conv} or {@code
 * conv:1}, and a function by the operation's own name for it, {@code conv:output:0} (TensorFlow's
 * function.proto). What is told here in the function's way is written in the right one.
 */
final class MutableGraph {

    private final FunctionDef function;
    private final Map<String, NodeDef.Builder> nodes = new LinkedHashMap<>();

    /** Outputs that have got another name, by their old one. Applied when all is done. */
    private final Map<String, String> renamed = new HashMap<>();

    private final Map<String, Integer> uses = new HashMap<>();
    private final Set<String> references = new HashSet<>();

    private MutableGraph(FunctionDef function, List<NodeDef> nodes, Collection<String> results) {
        this.function = function;
        for (NodeDef node : nodes) {
            this.nodes.put(node.getName(), node.toBuilder());
            node.getInputList().forEach(this::count);
        }
        results.forEach(this::count);
    }

    /**
     * @param nodes of a graph
     * @param fetched the tensors that are asked of it
     */
    static MutableGraph ofGraph(List<NodeDef> nodes, Collection<String> fetched) {
        return new MutableGraph(null, nodes, fetched);
    }

    static MutableGraph ofFunction(FunctionDef function) {
        MutableGraph body =
                new MutableGraph(
                        function, function.getNodeDefList(), function.getRetMap().values());
        function.getControlRetMap().values().forEach(body::count);
        return body;
    }

    private void count(String reference) {
        references.add(reference);
        uses.merge(nodeOf(reference), 1, Integer::sum);
    }

    /**
     * {@return the name of the node}
     *
     * @param reference an input as nodes name it: a node's output, or after a ^ a node to wait for
     */
    static String nodeOf(String reference) {
        int start = isControl(reference) ? 1 : 0;
        int colon = reference.indexOf(':');
        return reference.substring(start, colon < 0 ? reference.length() : colon);
    }

    /** {@return whether an input says only what to wait for} */
    static boolean isControl(String reference) {
        return reference.startsWith("^");
    }

    Collection<NodeDef.Builder> nodes() {
        return nodes.values();
    }

    /** {@return the node that gives the tensor, or null if it is a function's argument} */
    NodeDef.Builder producer(String reference) {
        return nodes.get(nodeOf(reference));
    }

    /** {@return how a node's only output is named as an input} */
    String output(NodeDef.Builder node, String argument) {
        return function == null ? node.getName() : node.getName() + ":" + argument + ":0";
    }

    /** {@return whether nothing but one input, or one result, uses the node} */
    boolean isUsedOnce(NodeDef.Builder node) {
        return uses.getOrDefault(node.getName(), 0) == 1;
    }

    /** {@return whether of the node's outputs only the first is used} */
    boolean isOnlyUsedFor(NodeDef.Builder node, String argument) {
        String first = output(node, argument);
        return references.stream()
                .filter(reference -> nodeOf(reference).equals(node.getName()))
                .allMatch(reference -> reference.equals(first) || reference.equals(first + ":0"));
    }

    /** Adds a node for one other to use. */
    void add(NodeDef.Builder node) {
        nodes.put(node.getName(), node);
        uses.put(node.getName(), 1);
    }

    void remove(NodeDef.Builder node) {
        nodes.remove(node.getName());
    }

    boolean has(String name) {
        return nodes.containsKey(name);
    }

    /** Says that an operation that names its output {@code from} is now one that names it else. */
    void renameOutput(NodeDef.Builder node, String from, String to) {
        if (function != null && !from.equals(to)) {
            renamed.put(output(node, from), output(node, to));
        }
    }

    private String current(String reference) {
        String name = reference;
        while (renamed.containsKey(name)) {
            name = renamed.get(name);
        }
        return name;
    }

    /** {@return the nodes as they are now} */
    List<NodeDef> build() {
        return nodes.values().stream()
                .map(
                        node -> {
                            for (int i = 0; i < node.getInputCount(); i++) {
                                node.setInput(i, current(node.getInput(i)));
                            }
                            return node.build();
                        })
                .toList();
    }

    /** {@return the function with the nodes as they are now} */
    FunctionDef buildFunction() {
        FunctionDef.Builder built = function.toBuilder().clearNodeDef().addAllNodeDef(build());
        function.getRetMap().forEach((name, result) -> built.putRet(name, current(result)));
        return built.build();
    }
}
