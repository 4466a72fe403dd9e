package io.bactrian.model.graph;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;

/**
 * A mutable view of the nodes of a graph or of one of its functions.
 *
 * <p>Graphs and functions refer to a node's outputs differently: a graph by index, {@code conv} or
 * {@code conv:1}, and a function by the operation's output argument, {@code conv:output:0}
 * (TensorFlow's function.proto). Callers pass the argument's name; this class writes the form that
 * applies.
 */
final class MutableGraph {

    private final @Nullable FunctionDef function;
    private final Map<String, NodeDef.Builder> nodes = new LinkedHashMap<>();

    /** New names of renamed outputs by their old ones. Applied by {@link #build}. */
    private final Map<String, String> renamed = new HashMap<>();

    private final Map<String, Integer> uses = new HashMap<>();
    private final Set<String> references = new HashSet<>();

    private MutableGraph(
            @Nullable FunctionDef function, List<NodeDef> nodes, Collection<String> results) {
        this.function = function;
        for (NodeDef node : nodes) {
            this.nodes.put(node.getName(), node.toBuilder());
            node.getInputList().forEach(this::count);
        }
        results.forEach(this::count);
    }

    /**
     * @param nodes of a graph
     * @param fetches names of the tensors that runs fetch
     */
    static MutableGraph ofGraph(List<NodeDef> nodes, Collection<String> fetches) {
        return new MutableGraph(null, nodes, fetches);
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
     * {@return the name of the node that a reference names}
     *
     * @param reference a data input such as {@code conv:1}, or a control input such as {@code
     *     ^init}
     */
    static String nodeOf(String reference) {
        int start = isControl(reference) ? 1 : 0;
        int colon = reference.indexOf(':');
        return reference.substring(start, colon < 0 ? reference.length() : colon);
    }

    /** {@return whether a reference is a control input} */
    static boolean isControl(String reference) {
        return reference.startsWith("^");
    }

    Collection<NodeDef.Builder> nodes() {
        return nodes.values();
    }

    /** {@return the node that produces the tensor; null for a function's argument} */
    NodeDef.@Nullable Builder producer(String reference) {
        return nodes.get(nodeOf(reference));
    }

    /** {@return the reference to a node's only output} */
    String output(NodeDef.Builder node, String argument) {
        return function == null ? node.getName() : node.getName() + ":" + argument + ":0";
    }

    /** {@return whether the node has exactly one use, as an input or as a result} */
    boolean isUsedOnce(NodeDef.Builder node) {
        return uses.getOrDefault(node.getName(), 0) == 1;
    }

    /** {@return whether only the first of the node's outputs is used} */
    boolean isOnlyUsedFor(NodeDef.Builder node, String argument) {
        String first = output(node, argument);
        return references.stream()
                .filter(reference -> nodeOf(reference).equals(node.getName()))
                .allMatch(reference -> reference.equals(first) || reference.equals(first + ":0"));
    }

    /** Adds a node that has one use. */
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

    /** Renames the output argument of a node whose operation was changed. */
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

    /** {@return the nodes in their current form} */
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

    /** {@return the function with the nodes in their current form} */
    FunctionDef buildFunction() {
        FunctionDef original = Objects.requireNonNull(function, "it is a graph");
        FunctionDef.Builder built = original.toBuilder().clearNodeDef().addAllNodeDef(build());
        original.getRetMap().forEach((name, result) -> built.putRet(name, current(result)));
        return built.build();
    }
}
