package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.Fixed;
import io.bactrian.model.graph.BatchValue.Mixed;
import io.bactrian.model.graph.BatchValue.Rows;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.OpDef.ArgDef;

/**
 * An abstract interpretation of a graph with {@link BatchValue}s. It handles calls, branches and
 * loops; {@link BatchRules} handle all other operations.
 */
final class GraphEvaluation {

    /** The graph is too large, or calls its functions too often, to be evaluated. */
    static final class LimitExceededException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        LimitExceededException(String message) {
            super(message, null, false, false);
        }
    }

    private static final int MAX_EVALUATIONS = 1_000_000;
    private static final int MAX_DEPTH = 100;
    private static final int MAX_ITERATIONS = 50;

    private static final Set<String> CALLS = Set.of("PartitionedCall", "StatefulPartitionedCall");
    private static final Set<String> LOOPS = Set.of("While", "StatelessWhile");
    private static final Set<String> BRANCHES =
            Set.of("If", "StatelessIf", "Case", "StatelessCase");

    private final GraphDef graph;
    private final Map<String, FunctionDef> functions = new HashMap<>();
    private int evaluations;
    private int depth;

    GraphEvaluation(GraphDef graph) {
        this.graph = graph;
        graph.getLibrary()
                .getFunctionList()
                .forEach(function -> functions.put(function.getSignature().getName(), function));
    }

    /**
     * {@return the values of the fetched tensors}
     *
     * @param fed the values of fed tensors by name
     * @param fetched the names of the fetched tensors
     * @throws LimitExceededException if the evaluation takes too many steps
     */
    List<BatchValue> evaluate(Map<String, BatchValue> fed, List<String> fetched) {
        Map<String, BatchValue> byName = new HashMap<>();
        fed.forEach((name, value) -> byName.put(withoutZero(name), value));
        return new Body(graph.getNodeList(), byName, "", "").fetch(fetched);
    }

    private static String withoutZero(String tensor) {
        return tensor.endsWith(":0") ? tensor.substring(0, tensor.length() - 2) : tensor;
    }

    /** The nodes of the graph or of a function, with the values of their outputs. */
    private final class Body {

        private final Map<String, NodeDef> nodes = new HashMap<>();
        private final Map<String, BatchValue> fed;
        private final String path;
        private final String scope;
        private final Map<String, List<BatchValue>> outputs = new HashMap<>();

        Body(List<NodeDef> nodes, Map<String, BatchValue> fed, String path, String scope) {
            nodes.forEach(node -> this.nodes.put(node.getName(), node));
            this.fed = fed;
            this.path = path;
            this.scope = scope;
        }

        List<BatchValue> fetch(List<String> references) {
            references.forEach(this::evaluateAll);
            return references.stream().map(this::value).collect(Collectors.toList());
        }

        /**
         * Evaluates the nodes on which a tensor depends. Iterative, since graphs can be thousands
         * deep.
         */
        private void evaluateAll(String reference) {
            Deque<String> open = new ArrayDeque<>();
            Set<String> entered = new HashSet<>();
            push(open, reference);
            while (!open.isEmpty()) {
                String name = open.peek();
                NodeDef node = nodes.get(name);
                if (node == null || outputs.containsKey(name)) {
                    open.pop();
                } else if (entered.add(name)) {
                    for (String input : node.getInputList()) {
                        push(open, input);
                    }
                } else {
                    open.pop();
                    outputs.put(name, apply(node));
                }
            }
        }

        private void push(Deque<String> open, String reference) {
            if (!reference.startsWith("^") && !fed.containsKey(withoutZero(reference))) {
                open.push(nodeOf(reference));
            }
        }

        private static String nodeOf(String reference) {
            int colon = reference.indexOf(':');
            return colon < 0 ? reference : reference.substring(0, colon);
        }

        private BatchValue value(String reference) {
            BatchValue given = fed.get(withoutZero(reference));
            if (given != null) {
                return given;
            }
            NodeDef node = nodes.get(nodeOf(reference));
            List<BatchValue> values = outputs.get(nodeOf(reference));
            if (node == null || values == null) {
                // In a cycle, as in control flow of TensorFlow 1, or missing.
                return new Mixed(node == null ? "?" : node.getOp(), nodeOf(reference), false);
            }
            if (values.size() == 1 && values.get(0) instanceof Mixed) {
                return values.get(0);
            }
            int index = index(node, reference);
            return index >= 0 && index < values.size()
                    ? values.get(index)
                    : new Mixed(node.getOp(), node.getName(), false);
        }

        /** {@return the index of the output that a reference names; -1 if unknown} */
        private int index(NodeDef node, String reference) {
            String[] parts = reference.split(":", -1);
            int number = parts.length == 1 ? 0 : Integer.parseInt(parts[parts.length - 1]);
            int first = parts.length < 3 ? 0 : first(node, parts[1]);
            return first < 0 ? -1 : first + number;
        }

        /**
         * {@return the index of a node's first output of an output argument; -1 if there is none}
         */
        private int first(NodeDef node, String name) {
            FunctionDef called = functions.get(node.getOp());
            OpDef definition =
                    called == null
                            ? RegisteredOperations.find(node.getOp())
                            : called.getSignature();
            int first = 0;
            for (ArgDef output :
                    definition == null ? List.<ArgDef>of() : definition.getOutputArgList()) {
                if (output.getName().equals(name)) {
                    return first;
                }
                first += count(node, output);
            }
            return -1;
        }

        /** {@return the number of tensors of an output argument} */
        private static int count(NodeDef node, ArgDef output) {
            if (!output.getNumberAttr().isEmpty()) {
                return (int) node.getAttrOrThrow(output.getNumberAttr()).getI();
            }
            return output.getTypeListAttr().isEmpty()
                    ? 1
                    : node.getAttrOrThrow(output.getTypeListAttr()).getList().getTypeCount();
        }

        private List<BatchValue> apply(NodeDef node) {
            if (++evaluations > MAX_EVALUATIONS) {
                throw new LimitExceededException("the graph is too large to be analyzed");
            }
            List<BatchValue> inputs = new ArrayList<>();
            for (String input : node.getInputList()) {
                if (!input.startsWith("^")) {
                    inputs.add(value(input));
                }
            }
            NodeContext context = new NodeContext(node, inputs, path, scope);
            String operation = node.getOp();
            if (CALLS.contains(operation)) {
                return call(function(node, "f"), inputs, context, scope);
            }
            if (functions.containsKey(operation)) {
                return call(operation, inputs, context, scope);
            }
            if (LOOPS.contains(operation)) {
                return loop(context);
            }
            if (BRANCHES.contains(operation)) {
                return branch(context);
            }
            BatchRule rule = BatchRules.of(operation);
            try {
                return rule == null ? List.of(context.mixed()) : rule.apply(context);
            } catch (ArithmeticException | IndexOutOfBoundsException e) {
                // Numbers that overflow, or a branch for tensors of another rank.
                return List.of(context.mixed());
            }
        }
    }

    private static String function(NodeDef node, String attribute) {
        return node.getAttrOrDefault(attribute, AttrValue.getDefaultInstance()).getFunc().getName();
    }

    private List<BatchValue> call(
            String name, List<BatchValue> arguments, NodeContext node, String scope) {
        FunctionDef function = functions.get(name);
        if (function == null || function.getSignature().getInputArgCount() != arguments.size()) {
            return List.of(node.mixed());
        }
        if (depth >= MAX_DEPTH) {
            throw new LimitExceededException("its functions call each other too deeply");
        }
        Map<String, BatchValue> fed = new HashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            fed.put(function.getSignature().getInputArg(i).getName(), arguments.get(i));
        }
        List<String> results = new ArrayList<>();
        for (ArgDef result : function.getSignature().getOutputArgList()) {
            results.add(function.getRetOrDefault(result.getName(), ""));
        }
        String path = node.path() + node.node().getName() + '>' + name + '>';
        depth++;
        try {
            return new Body(function.getNodeDefList(), fed, path, scope).fetch(results);
        } finally {
            depth--;
        }
    }

    /** Evaluates a choice between functions, which must be the same for all rows. */
    private List<BatchValue> branch(NodeContext node) {
        if (!node.isShared(0)) {
            return List.of(node.mixed());
        }
        List<String> names = new ArrayList<>();
        if (node.operation().endsWith("Case")) {
            node
                    .node()
                    .getAttrOrDefault("branches", AttrValue.getDefaultInstance())
                    .getList()
                    .getFuncList()
                    .stream()
                    .map(NameAttrList::getName)
                    .forEach(names::add);
        } else {
            names.add(function(node.node(), "then_branch"));
            names.add(function(node.node(), "else_branch"));
        }
        List<BatchValue> joined = null;
        for (String name : names) {
            List<BatchValue> results =
                    call(name, node.inputs(1, node.inputCount()), node, node.scope());
            if (joined == null) {
                joined = results;
                continue;
            }
            if (joined.size() != results.size()) {
                return List.of(node.mixed());
            }
            List<BatchValue> both = new ArrayList<>();
            for (int i = 0; i < results.size(); i++) {
                both.add(Joins.join(joined.get(i), results.get(i), indexed(node, i)));
            }
            joined = both;
        }
        return joined == null ? List.of(node.mixed()) : joined;
    }

    /** {@return a context in which unknown sizes are those of one of the node's results} */
    private static NodeContext indexed(NodeContext node, int result) {
        return new NodeContext(
                node.node(), node.inputs(), node.path() + "result" + result + '/', node.scope());
    }

    /** Evaluates a loop, whose condition must be the same for all rows. */
    private List<BatchValue> loop(NodeContext node) {
        String scope = node.scope() + node.path() + node.node().getName() + "|";
        List<BatchValue> variables = node.inputs();
        for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
            List<BatchValue> goesOn = call(function(node.node(), "cond"), variables, node, scope);
            if (!(goesOn.get(0) instanceof Fixed condition) || !condition.isShared()) {
                BatchValue reason = goesOn.get(0);
                return List.of(
                        reason instanceof Mixed mixed ? mixed.asScalar(false) : node.mixed());
            }
            List<BatchValue> results = call(function(node.node(), "body"), variables, node, scope);
            if (results.size() != variables.size()) {
                return List.of(node.mixed());
            }
            List<BatchValue> joined = new ArrayList<>();
            for (int i = 0; i < results.size(); i++) {
                joined.add(Joins.joinIterations(variables.get(i), results.get(i), i, scope, node));
            }
            if (joined.equals(variables)) {
                return afterLoop(joined, scope, node);
            }
            variables = joined;
        }
        return List.of(node.mixed());
    }

    /** {@return the variables after the loop, without sizes that are local to its iterations} */
    private static List<BatchValue> afterLoop(
            List<BatchValue> variables, String scope, NodeContext node) {
        List<BatchValue> results = new ArrayList<>();
        for (int i = 0; i < variables.size(); i++) {
            results.add(afterLoop(variables.get(i), scope, indexed(node, i)));
        }
        return results;
    }

    private static BatchValue afterLoop(BatchValue value, String scope, NodeContext node) {
        if (value instanceof Rows rows) {
            return rows.with(finalSizes(rows.dims(), scope, node), rows.axis());
        }
        if (value instanceof Fixed fixed && fixed.dims() != null) {
            return new Fixed(finalSizes(fixed.dims(), scope, node), fixed.content());
        }
        if (value instanceof BatchValue.TensorList list && list.element() != null) {
            return new BatchValue.TensorList(afterLoop(list.element(), scope, node));
        }
        return value;
    }

    private static List<SymbolicInt> finalSizes(
            List<SymbolicInt> dims, String scope, NodeContext node) {
        List<SymbolicInt> sizes = new ArrayList<>();
        for (int i = 0; i < dims.size(); i++) {
            sizes.add(dims.get(i).isIn(scope) ? node.sharedSize("final" + i) : dims.get(i));
        }
        return sizes;
    }
}
