package io.bactrian.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.InvalidProtocolBufferException;
import io.bactrian.model.graph.UnrestoredVariables;
import io.bactrian.model.graph.VariableSize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.op.Scope;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TrackableObjectGraphOuterClass.TrackableObjectGraph;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * Makes up for what the restore operation of a loaded SavedModel does too little and too much: the
 * {@link UnrestoredVariables} are filled from the checkpoint, as Python's {@code
 * tf.saved_model.load} does, and variables that no signature uses are freed. Keras 3 saves each of
 * its variables twice, {@code model.export} as well, and an optimizer's come on top.
 */
final class CheckpointRestore {

    /** Less is not worth a run of the session. */
    private static final long MIN_FREED_BYTES = 1 << 20;

    private static final String OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH";

    private final Graph graph;
    private final Session session;
    private final Ops tf;
    private final String prefix;

    private CheckpointRestore(SavedModelBundle bundle, Path checkpoint) {
        this.graph = bundle.graph();
        this.session = bundle.session();
        this.tf = Ops.create(graph).withSubScope("bactrian_restore");
        this.prefix = checkpoint.toString();
    }

    /**
     * {@return the nodes of those that have no value all the same}
     *
     * @param variables what {@code bundle}'s graph is known to leave unrestored
     * @param directory the SavedModel's
     */
    static List<NodeDef> fill(
            UnrestoredVariables variables, SavedModelBundle bundle, Path directory) {
        Path checkpoint = directory.resolve("variables").resolve("variables");
        if (!Files.exists(checkpoint.resolveSibling("variables.index"))) {
            return List.of();
        }
        CheckpointRestore restore = new CheckpointRestore(bundle, checkpoint);
        if (VariableSize.of(variables.unused()) >= MIN_FREED_BYTES) {
            restore.destroy(variables.unused());
            NativeHeap.trim();
        }
        return variables.unrestored().isEmpty() ? List.of() : restore.fill(variables);
    }

    private List<NodeDef> fill(UnrestoredVariables variables) {
        List<NodeDef> empty = uninitialized(variables.unrestored());
        if (empty.isEmpty()) {
            return empty;
        }
        Map<String, String> keys = variables.checkpointKeys(empty, objectGraph());
        assign(empty.stream().filter(each -> keys.containsKey(each.getName())).toList(), keys);
        return empty.stream().filter(each -> !keys.containsKey(each.getName())).toList();
    }

    private List<NodeDef> uninitialized(List<NodeDef> handles) {
        Session.Runner runner = session.runner();
        handles.forEach(each -> runner.fetch(tf.varIsInitializedOp(output(each))));
        List<NodeDef> empty = new ArrayList<>();
        try (Result result = runner.run()) {
            for (int i = 0; i < handles.size(); i++) {
                if (!((TBool) result.get(i)).getBoolean()) {
                    empty.add(handles.get(i));
                }
            }
        }
        return empty;
    }

    /** {@return which object has which key; none in a checkpoint of TensorFlow 1} */
    private TrackableObjectGraph objectGraph() {
        Operation restore = restore(List.of(OBJECT_GRAPH), DataType.DT_STRING);
        try (Result result = session.runner().fetch(restore.output(0)).run()) {
            return TrackableObjectGraph.parseFrom(((TString) result.get(0)).asBytes().getObject());
        } catch (InvalidProtocolBufferException e) {
            throw new ModelLoadException("damaged object graph in the checkpoint " + prefix, e);
        } catch (TensorFlowException e) {
            return TrackableObjectGraph.getDefaultInstance();
        }
    }

    private void destroy(List<NodeDef> handles) {
        run(handles.stream().map(each -> tf.destroyResourceOp(output(each)).op()).toList());
    }

    private void assign(List<NodeDef> handles, Map<String, String> keys) {
        if (handles.isEmpty()) {
            return;
        }
        Operation restored =
                restore(
                        handles.stream().map(each -> keys.get(each.getName())).toList(),
                        handles.stream()
                                .map(each -> each.getAttrOrThrow("dtype").getType())
                                .toArray(DataType[]::new));
        List<Operation> assignments = new ArrayList<>();
        for (int i = 0; i < handles.size(); i++) {
            Output<?> value = restored.output(i);
            assignments.add(tf.assignVariableOp(output(handles.get(i)), value).op());
        }
        run(assignments);
    }

    private void run(List<Operation> targets) {
        Session.Runner runner = session.runner();
        targets.forEach(runner::addTarget);
        runner.run().close();
    }

    /** TensorFlow Java's own binding takes no dtype that it has no class for. */
    private Operation restore(List<String> keys, DataType... types) {
        String[] whole = new String[keys.size()];
        Arrays.fill(whole, "");
        Scope scope = tf.scope();
        return graph.opBuilder("RestoreV2", scope.makeOpName("RestoreV2"), scope)
                .addInput(tf.constant(prefix).asOutput())
                .addInput(strings(keys.toArray(String[]::new)))
                .addInput(strings(whole))
                .setAttr("dtypes", types)
                .build();
    }

    private Output<?> strings(String[] values) {
        return tf.constant(UTF_8, NdArrays.vectorOfObjects(values)).asOutput();
    }

    private Output<TType> output(NodeDef node) {
        return graph.operation(node.getName()).output(0);
    }
}
