package io.bactrian.model.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedConcreteFunction;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObject;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TrackableObjectGraphOuterClass.TrackableObjectGraph;
import org.tensorflow.proto.TrackableObjectGraphOuterClass.TrackableObjectGraph.TrackableObject;

/**
 * The variables of a SavedModel that its signatures use and its restore operation does not restore.
 *
 * <p>{@code tf.saved_model.save} writes each variable of a Keras 3 model twice: functions capture
 * one copy, and the restore operation restores the other. Python is not affected, since it follows
 * the object graph: a function's captures are objects ({@code bound_inputs}), and the checkpoint
 * identifies an object by its path from the root.
 */
public final class UnrestoredVariables {

    /** Marks the operation that initializes tables and variables; not a callable signature. */
    private static final String INIT_OP = "__saved_model_init_op";

    private static final String VARIABLE = "VarHandleOp";
    private static final String VALUE = "VARIABLE_VALUE";

    private final MetaGraphDef metaGraph;
    private final Map<String, NodeDef> nodes = new HashMap<>();
    private final Map<String, FunctionDef> library = new HashMap<>();

    /** By variable, its handles that signatures use. */
    private final Map<String, NodeDef> used;

    private final Map<String, NodeDef> restored;

    private UnrestoredVariables(MetaGraphDef metaGraph) {
        this.metaGraph = metaGraph;
        for (NodeDef node : metaGraph.getGraphDef().getNodeList()) {
            nodes.put(node.getName(), node);
        }
        for (FunctionDef each : metaGraph.getGraphDef().getLibrary().getFunctionList()) {
            library.put(each.getSignature().getName(), each);
        }
        List<String> outputs = new ArrayList<>();
        metaGraph
                .getSignatureDefMap()
                .forEach(
                        (name, signature) -> {
                            if (!name.equals(INIT_OP)) {
                                outputs.addAll(outputs(signature));
                            }
                        });
        this.used = variables(needed(outputs));
        this.restored = variables(needed(List.of(metaGraph.getSaverDef().getRestoreOpName())));
    }

    /**
     * {@return the analysis of a SavedModel}
     *
     * @param metaGraph the SavedModel's meta graph
     */
    public static UnrestoredVariables of(MetaGraphDef metaGraph) {
        return new UnrestoredVariables(metaGraph);
    }

    /**
     * {@return the nodes of variables that a signature uses and the restore operation does not
     * restore} Only a session can tell whether they were initialized otherwise.
     */
    public List<NodeDef> unrestored() {
        return used.entrySet().stream()
                .filter(variable -> !restored.containsKey(variable.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** {@return the nodes of variables that are restored but not used by any signature} */
    public List<NodeDef> unused() {
        return restored.entrySet().stream()
                .filter(variable -> !used.containsKey(variable.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    /**
     * Finds variables in the checkpoint.
     *
     * @param handles the variables' nodes
     * @param checkpoint the object graph {@code _CHECKPOINTABLE_OBJECT_GRAPH} of the checkpoint
     * @return the checkpoint's keys by name of the node, for the variables that were found
     */
    public Map<String, String> checkpointKeys(
            Collection<NodeDef> handles, TrackableObjectGraph checkpoint) {
        Map<String, Integer> captured = captured();
        Map<Integer, Integer> paired = paired(checkpoint);
        Map<String, String> keys = new LinkedHashMap<>();
        for (NodeDef handle : handles) {
            Integer object = paired.get(captured.get(identity(handle)));
            if (object != null) {
                checkpoint.getNodes(object).getAttributesList().stream()
                        .filter(attribute -> attribute.getName().equals(VALUE))
                        .findFirst()
                        .ifPresent(value -> keys.put(handle.getName(), value.getCheckpointKey()));
            }
        }
        return keys;
    }

    /**
     * {@return whether an output of the signature depends on the variable}
     *
     * @param signature the signature's name
     * @param handle the variable's node
     */
    public boolean uses(String signature, NodeDef handle) {
        return variables(needed(outputs(metaGraph.getSignatureDefOrThrow(signature))))
                .containsKey(identity(handle));
    }

    /** {@return whether a signature assigns to any variable} */
    public boolean areAssigned() {
        return metaGraph.getSignatureDefMap().values().stream()
                .anyMatch(each -> assigns(needed(outputs(each)), new HashSet<>()));
    }

    private boolean assigns(Collection<NodeDef> body, Set<String> entered) {
        for (NodeDef node : body) {
            if (node.getOp().startsWith("Assign") || node.getOp().startsWith("ResourceScatter")) {
                return true;
            }
            for (String function : functions(node)) {
                FunctionDef called = library.get(function);
                if (called != null
                        && entered.add(function)
                        && assigns(called.getNodeDefList(), entered)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static List<String> functions(NodeDef node) {
        List<String> functions = new ArrayList<>();
        for (AttrValue attribute : node.getAttrMap().values()) {
            functions.add(attribute.getFunc().getName());
            attribute.getList().getFuncList().forEach(each -> functions.add(each.getName()));
        }
        return functions;
    }

    /** By variable, the object that represents it where a function captures it. */
    private Map<String, Integer> captured() {
        Map<String, SavedConcreteFunction> functions =
                metaGraph.getObjectGraphDef().getConcreteFunctionsMap();
        Map<String, Integer> objects = new HashMap<>();
        for (NodeDef node : nodes.values()) {
            SavedConcreteFunction function =
                    functions.get(
                            node.getAttrOrDefault("f", AttrValue.getDefaultInstance())
                                    .getFunc()
                                    .getName());
            if (function == null) {
                continue;
            }
            List<String> inputs =
                    node.getInputList().stream().filter(each -> !each.startsWith("^")).toList();
            int first = inputs.size() - function.getBoundInputsCount();
            for (int i = Math.max(0, first); i < inputs.size(); i++) {
                NodeDef input = nodes.get(nodeOf(inputs.get(i)));
                if (input != null && input.getOp().equals(VARIABLE)) {
                    objects.put(identity(input), function.getBoundInputs(i - first));
                }
            }
        }
        return objects;
    }

    /** By object of the model, the object of the checkpoint with the same path. */
    private Map<Integer, Integer> paired(TrackableObjectGraph checkpoint) {
        List<SavedObject> objects = metaGraph.getObjectGraphDef().getNodesList();
        Map<Integer, Integer> paired = new HashMap<>();
        Deque<Integer> open = new ArrayDeque<>();
        if (!objects.isEmpty() && checkpoint.getNodesCount() > 0) {
            paired.put(0, 0);
            open.add(0);
        }
        while (!open.isEmpty()) {
            int object = open.remove();
            TrackableObject saved =
                    checkpoint.getNodes(Objects.requireNonNull(paired.get(object), "counterpart"));
            Map<String, Integer> children = new HashMap<>();
            saved.getChildrenList()
                    .forEach(child -> children.put(child.getLocalName(), child.getNodeId()));
            for (TrackableObject.ObjectReference child : objects.get(object).getChildrenList()) {
                Integer counterpart = children.get(child.getLocalName());
                if (counterpart != null
                        && paired.putIfAbsent(child.getNodeId(), counterpart) == null) {
                    open.add(child.getNodeId());
                }
            }
        }
        return paired;
    }

    private static List<String> outputs(SignatureDef signature) {
        return signature.getOutputsMap().values().stream().map(TensorInfo::getName).toList();
    }

    /** The nodes on which tensors or operations depend. */
    private Collection<NodeDef> needed(Collection<String> references) {
        Map<String, NodeDef> found = new LinkedHashMap<>();
        Deque<String> open = new ArrayDeque<>(references);
        while (!open.isEmpty()) {
            NodeDef node = nodes.get(nodeOf(open.remove()));
            if (node != null && found.put(node.getName(), node) == null) {
                open.addAll(node.getInputList());
            }
        }
        return found.values();
    }

    private static Map<String, NodeDef> variables(Collection<NodeDef> nodes) {
        Map<String, NodeDef> variables = new LinkedHashMap<>();
        for (NodeDef node : nodes) {
            if (node.getOp().equals(VARIABLE)) {
                variables.putIfAbsent(identity(node), node);
            }
        }
        return variables;
    }

    /**
     * Identifies a variable: nodes with the same container and shared name are the same variable.
     */
    private static String identity(NodeDef node) {
        String shared = text(node, "shared_name");
        return text(node, "container") + '\n' + (shared.isEmpty() ? node.getName() : shared);
    }

    private static String text(NodeDef node, String attribute) {
        return node.getAttrOrDefault(attribute, AttrValue.getDefaultInstance())
                .getS()
                .toStringUtf8();
    }

    private static String nodeOf(String reference) {
        int start = reference.startsWith("^") ? 1 : 0;
        int colon = reference.indexOf(':');
        return reference.substring(start, colon < 0 ? reference.length() : colon);
    }
}
