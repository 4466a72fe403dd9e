package io.bactrian.session;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.internal.c_api.TF_Output;

/**
 * The tensors of a graph that runs feed or fetch, as the native array that TF_SessionRun takes.
 * Looked up once and safe for use by several threads.
 */
public final class GraphTensors implements AutoCloseable {

    /** No tensors: for runs that feed nothing, or fetch nothing. */
    static final GraphTensors NONE = new GraphTensors(List.of());

    private final TF_Output outputs;
    private final int size;

    /**
     * @param tensors tensors of one graph, which must stay open while this object is used
     */
    public GraphTensors(List<? extends Output<?>> tensors) {
        this.size = tensors.size();
        this.outputs = new TF_Output(Math.max(1, size));
        for (int i = 0; i < size; i++) {
            Output<?> tensor = tensors.get(i);
            outputs.position(i)
                    .oper(((GraphOperation) tensor.op()).getUnsafeNativeHandle())
                    .index(tensor.index());
        }
        outputs.position(0);
    }

    /**
     * {@return the tensors of the graph that have these names}
     *
     * @param graph the graph
     * @param names such as {@code StatefulPartitionedCall:0}
     * @throws IllegalArgumentException if the graph lacks one
     */
    public static GraphTensors named(Graph graph, Collection<String> names) {
        return new GraphTensors(names.stream().map(name -> require(graph, name)).toList());
    }

    private static Output<?> require(Graph graph, String name) {
        Output<?> tensor = find(graph, name);
        if (tensor == null) {
            throw new IllegalArgumentException("the graph has no tensor " + name);
        }
        return tensor;
    }

    /**
     * {@return the tensor of the graph that has this name, or null}
     *
     * @param graph the graph
     * @param name an operation's name and the output's index, such as {@code
     *     StatefulPartitionedCall:0}; without an index, the first output
     */
    public static @Nullable Output<?> find(Graph graph, String name) {
        int colon = name.lastIndexOf(':');
        Operation operation = graph.operation(colon < 0 ? name : name.substring(0, colon));
        int index = colon < 0 ? 0 : Integer.parseInt(name.substring(colon + 1));
        return operation == null || index >= operation.numOutputs()
                ? null
                : operation.output(index);
    }

    /** {@return the array, at its first element} */
    TF_Output outputs() {
        return outputs;
    }

    int size() {
        return size;
    }

    /** Frees the array. No run may use it any more. */
    @Override
    public void close() {
        outputs.close();
    }
}
