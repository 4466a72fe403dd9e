package io.bactrian.model;

import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.types.family.TType;

/**
 * A graph in memory and the session that runs it. Safe for use by many threads at once.
 *
 * <p>A run takes place on the thread that calls: {@code RunOptions.inter_op_thread_pool = -1}
 * spares a small model two thread hops, which cost more than its arithmetic.
 */
final class RunnableGraph implements AutoCloseable {

    private static final RunOptions ON_CALLERS_THREAD =
            RunOptions.newBuilder().setInterOpThreadPool(-1).build();

    private final Graph graph;
    private final Session session;
    private final Map<String, Plan> plans = new HashMap<>();

    /**
     * @param bundle what was loaded; it belongs to this object from now on
     * @param signatures those that can be run
     */
    RunnableGraph(SavedModelBundle bundle, DistinctSignatures signatures) {
        this(bundle.graph(), bundle.session(), signatures);
    }

    private RunnableGraph(Graph graph, Session session, DistinctSignatures signatures) {
        this.graph = graph;
        this.session = session;
        Map<String, Plan> distinct = new HashMap<>();
        signatures.distinct().forEach(each -> distinct.put(each.name(), Plan.of(graph, each)));
        signatures.representatives().forEach((name, as) -> plans.put(name, distinct.get(as)));
    }

    /**
     * @param definition a graph that keeps nothing in variables or tables
     */
    static RunnableGraph of(
            GraphDef definition, DistinctSignatures signatures, ConfigProto config) {
        Graph graph = new Graph();
        Session session = null;
        try {
            graph.importGraphDef(definition);
            session = new Session(graph, config);
            return new RunnableGraph(graph, session, signatures);
        } catch (RuntimeException e) {
            if (session != null) {
                session.close();
            }
            graph.close();
            throw e;
        }
    }

    /**
     * @param inputs the tensors by input name, as {@link Signature#bind} gave them; the caller goes
     *     on owning them
     * @return the outputs by name, owned by the caller
     * @throws org.tensorflow.exceptions.TensorFlowException what TensorFlow says of it
     */
    NamedTensors run(Signature signature, Map<String, TType> inputs) {
        return plans.get(signature.name()).run(session, inputs);
    }

    /**
     * @param operations nodes of one output each
     * @return what they give, in that order, owned by the caller
     */
    Result fetch(List<String> operations) {
        Session.Runner runner = session.runner().setOptions(ON_CALLERS_THREAD);
        operations.forEach(runner::fetch);
        return runner.run();
    }

    /**
     * @param tensorName such as {@code StatefulPartitionedCall:0}
     * @return null if the graph has no such tensor
     */
    static Output<?> output(Graph graph, String tensorName) {
        int colon = tensorName.lastIndexOf(':');
        Operation operation =
                graph.operation(colon < 0 ? tensorName : tensorName.substring(0, colon));
        int index = colon < 0 ? 0 : Integer.parseInt(tensorName.substring(colon + 1));
        return operation == null || index >= operation.numOutputs()
                ? null
                : operation.output(index);
    }

    /** Frees its memory, once runs under way have ended. */
    @Override
    public void close() {
        session.close();
        graph.close();
    }

    /** A signature's tensors, looked up in the graph once. */
    private record Plan(Map<String, Output<?>> feeds, Map<String, Output<?>> fetches) {

        static Plan of(Graph graph, Signature signature) {
            return new Plan(lookUp(graph, signature.inputs()), lookUp(graph, signature.outputs()));
        }

        private static Map<String, Output<?>> lookUp(Graph graph, Map<String, TensorSpec> specs) {
            Map<String, Output<?>> outputs = new LinkedHashMap<>();
            specs.forEach((name, spec) -> outputs.put(name, output(graph, spec.tensorName())));
            return outputs;
        }

        NamedTensors run(Session session, Map<String, TType> inputs) {
            Session.Runner runner = session.runner().setOptions(ON_CALLERS_THREAD);
            feeds.forEach((name, feed) -> runner.feed(feed, inputs.get(name)));
            fetches.values().forEach(runner::fetch);
            Result result = runner.run();
            NamedTensors outputs = new NamedTensors();
            int index = 0;
            for (String name : fetches.keySet()) {
                outputs.put(name, (TType) result.get(index++));
            }
            return outputs;
        }
    }
}
