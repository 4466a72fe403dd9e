package io.bactrian.model.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * The operations that a run of a graph may execute: the nodes on which the fetched tensors depend,
 * and all nodes of the functions that these call, since a function executes its stateful nodes even
 * if no output depends on them.
 *
 * @param certain the nodes that are executed unconditionally, including those of loops, which may
 *     have no iteration
 * @param conditional the nodes of functions that only a branch executes
 * @param functions the functions that contain them
 * @param recursive a function that calls itself directly or indirectly; null if there is none
 * @param endless a function that calls itself regardless of branches; null if there is none
 * @param isCompiled whether XLA compiles a part
 */
record ReachedOperations(
        List<NodeDef> certain,
        List<NodeDef> conditional,
        Set<String> functions,
        @Nullable String recursive,
        @Nullable String endless,
        boolean isCompiled) {

    /** Operations that execute one of several functions. */
    private static final Set<String> BRANCHES =
            Set.of("If", "StatelessIf", "XlaIf", "Case", "StatelessCase");

    /** Operations that may not execute a function that they name. */
    private static final Set<String> CONDITIONAL =
            Set.of(
                    "If",
                    "StatelessIf",
                    "XlaIf",
                    "Case",
                    "StatelessCase",
                    "While",
                    "StatelessWhile",
                    "XlaWhile",
                    "For");

    /** Operations that XLA compiles and executes. */
    private static final Set<String> COMPILED =
            Set.of("XlaLaunch", "XlaCallModule", "XlaIf", "XlaWhile");

    private static final String MUST_COMPILE = "_XlaMustCompile";

    /** {@return all nodes, the certain ones first} */
    List<NodeDef> all() {
        List<NodeDef> all = new ArrayList<>(certain);
        all.addAll(conditional);
        return all;
    }

    /** Finds the operations that runs of a graph reach. */
    static final class Finder {

        private final GraphDef graph;
        private final Map<String, NodeDef> nodes = new HashMap<>();
        private final Map<String, FunctionDef> library = new HashMap<>();

        Finder(GraphDef graph) {
            this.graph = graph;
            graph.getNodeList().forEach(node -> nodes.put(node.getName(), node));
            graph.getLibrary()
                    .getFunctionList()
                    .forEach(function -> library.put(function.getSignature().getName(), function));
        }

        /**
         * Finds the operations that a run may execute.
         *
         * @param feeds the tensors that the run feeds, such as {@code x:0}; nodes that compute them
         *     are not executed
         * @param fetches the tensors or operations that the run fetches
         */
        ReachedOperations find(Collection<String> feeds, Collection<String> fetches) {
            Set<String> functions = new LinkedHashSet<>();
            List<NodeDef> certain = follow(needed(feeds, fetches), false, functions);
            List<NodeDef> all = follow(certain, true, functions);
            return new ReachedOperations(
                    certain,
                    all.subList(certain.size(), all.size()),
                    functions,
                    recursive(functions, node -> true),
                    recursive(functions, node -> !CONDITIONAL.contains(node.getOp())),
                    all.stream().anyMatch(Finder::isCompiled)
                            || functions.stream()
                                    .map(this::definition)
                                    .anyMatch(each -> mustCompile(each.getAttrMap())));
        }

        private static boolean isCompiled(NodeDef node) {
            return COMPILED.contains(node.getOp()) || mustCompile(node.getAttrMap());
        }

        private static boolean mustCompile(Map<String, AttrValue> attributes) {
            AttrValue value = attributes.get(MUST_COMPILE);
            return value != null && value.getB();
        }

        /** {@return the graph without the nodes that the fetches do not need} */
        GraphDef prune(Collection<String> fetches) {
            List<NodeDef> kept = needed(List.of(), fetches);
            Set<String> functions = new LinkedHashSet<>();
            follow(kept, true, functions);
            GraphDef.Builder pruned = graph.toBuilder().clearNode().clearLibrary();
            pruned.addAllNode(kept);
            functions.forEach(each -> pruned.getLibraryBuilder().addFunction(definition(each)));
            return pruned.build();
        }

        private List<NodeDef> needed(Collection<String> feeds, Collection<String> fetches) {
            Set<String> fed = new HashSet<>();
            feeds.forEach(feed -> fed.add(tensor(feed)));
            Set<String> found = new HashSet<>();
            Deque<String> open = new ArrayDeque<>(fetches);
            while (!open.isEmpty()) {
                String reference = open.pop();
                NodeDef node = nodes.get(node(reference));
                if (node != null && !fed.contains(tensor(reference)) && found.add(node.getName())) {
                    open.addAll(node.getInputList());
                }
            }
            return graph.getNodeList().stream()
                    .filter(node -> found.contains(node.getName()))
                    .toList();
        }

        /**
         * {@return the nodes, then those of the functions they execute that were not reached yet}
         */
        private List<NodeDef> follow(
                List<NodeDef> from, boolean intoBranches, Set<String> functions) {
            List<NodeDef> reached = new ArrayList<>(from);
            for (int i = 0; i < reached.size(); i++) {
                NodeDef node = reached.get(i);
                if (intoBranches || !BRANCHES.contains(node.getOp())) {
                    for (String function : called(node)) {
                        if (functions.add(function)) {
                            reached.addAll(definition(function).getNodeDefList());
                        }
                    }
                }
            }
            return reached;
        }

        /** {@return the definition of a function of this graph} */
        private FunctionDef definition(String function) {
            return Objects.requireNonNull(library.get(function), function);
        }

        /** {@return the functions of this graph that a node names in attributes or calls} */
        private List<String> called(NodeDef node) {
            List<String> called = new ArrayList<>();
            called.add(node.getOp());
            for (AttrValue attribute : node.getAttrMap().values()) {
                if (attribute.hasFunc()) {
                    called.add(attribute.getFunc().getName());
                }
                attribute.getList().getFuncList().forEach(each -> called.add(each.getName()));
            }
            called.removeIf(name -> !library.containsKey(name));
            return called;
        }

        /**
         * {@return a function that calls itself directly or indirectly through such nodes; null if
         * there is none}
         */
        private @Nullable String recursive(Set<String> functions, Predicate<NodeDef> calling) {
            Map<String, Set<String>> calls = new HashMap<>();
            for (String function : functions) {
                Set<String> called = new HashSet<>();
                definition(function).getNodeDefList().stream()
                        .filter(calling)
                        .forEach(node -> called.addAll(called(node)));
                calls.put(function, called);
            }
            // A function that calls no remaining function is not recursive.
            while (calls.entrySet()
                    .removeIf(each -> each.getValue().stream().noneMatch(calls::containsKey))) {
                // Repeat: this may now hold for its callers.
            }
            return calls.keySet().stream().sorted().findFirst().orElse(null);
        }

        private static String tensor(String reference) {
            return reference.endsWith(":0")
                    ? reference.substring(0, reference.length() - 2)
                    : reference;
        }

        private static String node(String reference) {
            int start = reference.startsWith("^") ? 1 : 0;
            int colon = reference.indexOf(':');
            return reference.substring(start, colon < 0 ? reference.length() : colon);
        }
    }
}
