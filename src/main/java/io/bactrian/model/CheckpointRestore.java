package io.bactrian.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.InvalidProtocolBufferException;
import io.bactrian.model.graph.UnrestoredVariables;
import io.bactrian.model.graph.VariableSize;
import io.bactrian.session.GraphTensors;
import io.bactrian.session.RunOutputs;
import io.bactrian.session.SessionRunException;
import io.bactrian.session.SessionRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.op.Scope;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TrackableObjectGraphOuterClass.TrackableObjectGraph;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * Completes the restore of a loaded SavedModel: restores the {@link UnrestoredVariables} from the
 * checkpoint, as Python's {@code tf.saved_model.load} does, and frees variables that no signature
 * uses. Keras 3 saves each of its variables twice, in {@code model.export} too, and the optimizer's
 * variables as well.
 */
final class CheckpointRestore {

    /** Variables of a smaller total size are not worth a run. */
    private static final long MIN_FREED_BYTES = 1 << 20;

    private static final String OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH";

    private final Graph graph;
    private final SessionRunner runner;
    private final Ops tf;
    private final String prefix;

    private CheckpointRestore(SavedModelBundle bundle, Path checkpoint) {
        this.graph = bundle.graph();
        this.runner = new SessionRunner(bundle.session());
        this.tf = Ops.create(graph).withSubScope("bactrian_restore");
        this.prefix = checkpoint.toString();
    }

    /**
     * {@return the nodes of the variables that still have no value}
     *
     * @param variables the variables that the restore operation of {@code bundle} omits
     * @param directory the SavedModel's folder
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
        List<Output<?>> initialized = new ArrayList<>();
        handles.forEach(each -> initialized.add(tf.varIsInitializedOp(output(each)).asOutput()));
        List<NodeDef> empty = new ArrayList<>();
        try (GraphTensors fetches = new GraphTensors(initialized);
                RunOutputs fetched = runner.fetch(fetches)) {
            for (int i = 0; i < handles.size(); i++) {
                if (fetched.memory(i).get() == 0) {
                    empty.add(handles.get(i));
                }
            }
        }
        return empty;
    }

    /** {@return the objects and their checkpoint keys; empty for a checkpoint of TensorFlow 1} */
    private TrackableObjectGraph objectGraph() {
        Operation restore = restore(List.of(OBJECT_GRAPH), DataType.DT_STRING);
        try (GraphTensors fetches = new GraphTensors(List.of(restore.output(0)));
                RunOutputs fetched = runner.fetch(fetches);
                TString serialized = (TString) fetched.take(0)) {
            return TrackableObjectGraph.parseFrom(serialized.asBytes().getObject());
        } catch (InvalidProtocolBufferException e) {
            throw new ModelLoadException("damaged object graph in the checkpoint " + prefix, e);
        } catch (SessionRunException e) {
            return TrackableObjectGraph.getDefaultInstance();
        }
    }

    private void destroy(List<NodeDef> handles) {
        runner.execute(
                handles.stream().map(each -> tf.destroyResourceOp(output(each)).op()).toList());
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
        runner.execute(assignments);
    }

    /**
     * Built by name, since TensorFlow Java's {@code restoreV2} lacks dtypes that it has no class
     * for.
     */
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
