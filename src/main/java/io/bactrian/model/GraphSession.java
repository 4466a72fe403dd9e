package io.bactrian.model;

import io.bactrian.limit.Deadline;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.tensorflow.Graph;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.types.family.TType;

/**
 * A graph in memory and the session that runs it. Safe for use by many threads at once.
 *
 * <p>A run takes place on the thread that calls: {@code RunOptions.inter_op_thread_pool = -1}
 * spares a small model two thread hops, which cost more than its arithmetic. But TensorFlow ends a
 * run at its time limit only if it has threads of its own, so a signature that may not end by
 * itself runs on TensorFlow's.
 *
 * <p>Its native memory is freed when it is closed and no run is under way, by the last to leave.
 */
final class GraphSession implements AutoCloseable {

    private static final RunOptions ON_CALLERS_THREAD =
            RunOptions.newBuilder().setInterOpThreadPool(-1).build();

    private static final TF_Buffer NATIVE_ON_CALLERS_THREAD =
            NativeSession.options(ON_CALLERS_THREAD);

    /** How long a run may take that nobody waits for, where its signature may not end by itself. */
    static final Duration UNASKED_LIMIT = Duration.ofSeconds(5);

    private final Graph graph;
    private final Session session;
    private final NativeSession nativeSession;
    private final Map<String, Plan> plans = new HashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Runs under way, and one until this graph is closed. */
    private final AtomicInteger users = new AtomicInteger(1);

    /**
     * @param bundle what was loaded; it belongs to this object from now on
     * @param signatures those that can be run
     */
    GraphSession(SavedModelBundle bundle, DistinctSignatures signatures) {
        this(bundle.graph(), bundle.session(), signatures);
    }

    private GraphSession(Graph graph, Session session, DistinctSignatures signatures) {
        this.graph = graph;
        this.session = session;
        this.nativeSession = new NativeSession(session);
        Map<String, Plan> distinct = new HashMap<>();
        signatures.distinct().forEach(each -> distinct.put(each.name(), new Plan(graph, each)));
        signatures.representatives().forEach((name, as) -> plans.put(name, distinct.get(as)));
    }

    /**
     * @param definition a graph that keeps nothing in variables or tables
     */
    static GraphSession of(GraphDef definition, DistinctSignatures signatures, ConfigProto config) {
        Graph graph = new Graph();
        Session session = null;
        try {
            graph.importGraphDef(definition);
            session = new Session(graph, configuration(config, signatures.distinct()));
            return new GraphSession(graph, session, signatures);
        } catch (RuntimeException e) {
            if (session != null) {
                session.close();
            }
            graph.close();
            throw e;
        }
    }

    /**
     * {@return how a session for the signatures is to be configured} If one of them may not end by
     * itself, the session has threads of its own. Otherwise all sessions share TensorFlow's, and
     * runs of one model that do not end would keep those of all others waiting.
     */
    static ConfigProto configuration(ConfigProto config, Collection<Signature> signatures) {
        if (signatures.stream().allMatch(each -> each.effects().loop() == null)) {
            return config;
        }
        ConfigProto.Builder own = config.toBuilder();
        own.addSessionInterOpThreadPoolBuilder()
                .setNumThreads(config.getInterOpParallelismThreads());
        return own.build();
    }

    /**
     * {@return the outputs by name, owned by the caller}
     *
     * @param inputs the tensors by input name, as {@link Signature#bind} gave them; the caller goes
     *     on owning them
     * @param deadline when a signature that may not end by itself is ended
     * @throws SessionRunException if TensorFlow reports that it failed
     * @throws ModelClosedException if this graph is closed
     */
    NamedTensors run(Signature signature, Map<String, TType> inputs, Deadline deadline) {
        enter();
        try {
            return plans.get(signature.name()).run(nativeSession, inputs, deadline);
        } finally {
            leave();
        }
    }

    /**
     * Runs a signature without being asked to, within {@link #UNASKED_LIMIT}.
     *
     * @see #run(Signature, Map, Deadline)
     */
    NamedTensors run(Signature signature, Map<String, TType> inputs) {
        return run(signature, inputs, Deadline.after(UNASKED_LIMIT));
    }

    /**
     * {@return what they give, in that order, owned by the caller}
     *
     * @param operations nodes of one output each
     */
    Result fetch(List<String> operations) {
        enter();
        try {
            Session.Runner runner = session.runner().setOptions(ON_CALLERS_THREAD);
            operations.forEach(runner::fetch);
            return runner.run();
        } finally {
            leave();
        }
    }

    /**
     * {@return null if the graph has no such tensor}
     *
     * @param tensorName such as {@code StatefulPartitionedCall:0}
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

    /** Refuses further runs, and frees the memory as soon as no run is under way. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            leave();
        }
    }

    /** {@return runs under way} */
    int runs() {
        return users.get() - (closed.get() ? 0 : 1);
    }

    private void enter() {
        if (closed.get() || users.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0) {
            throw new ModelClosedException("the model is closed");
        }
    }

    private void leave() {
        if (users.decrementAndGet() == 0) {
            session.close();
            graph.close();
        }
    }

    /** A signature's tensors, looked up in the graph once. */
    private static final class Plan {

        private final List<String> inputs;
        private final List<String> outputs;
        private final NativeSession.Tensors feeds;
        private final NativeSession.Tensors fetches;
        private final boolean mayNotEnd;

        Plan(Graph graph, Signature signature) {
            this.inputs = List.copyOf(signature.inputs().keySet());
            this.outputs = List.copyOf(signature.outputs().keySet());
            this.feeds = lookUp(graph, signature.inputs());
            this.fetches = lookUp(graph, signature.outputs());
            this.mayNotEnd = signature.effects().loop() != null;
        }

        private static NativeSession.Tensors lookUp(Graph graph, Map<String, TensorSpec> specs) {
            List<Output<?>> tensors = new ArrayList<>();
            specs.values().forEach(spec -> tensors.add(output(graph, spec.tensorName())));
            return new NativeSession.Tensors(tensors);
        }

        NamedTensors run(NativeSession session, Map<String, TType> given, Deadline deadline) {
            List<TType> fed = inputs.stream().map(given::get).toList();
            List<TType> fetched;
            if (mayNotEnd) {
                try (TF_Buffer options = onTensorFlowsThreads(deadline)) {
                    fetched = session.run(options, feeds, fed, fetches);
                }
            } else {
                fetched = session.run(NATIVE_ON_CALLERS_THREAD, feeds, fed, fetches);
            }
            try (NamedTensors.Builder named = NamedTensors.builder()) {
                for (int i = 0; i < fetched.size(); i++) {
                    named.put(outputs.get(i), fetched.get(i));
                }
                return named.build();
            }
        }

        private static TF_Buffer onTensorFlowsThreads(Deadline deadline) {
            RunOptions.Builder options = RunOptions.newBuilder();
            Duration remaining = deadline.remaining();
            if (remaining != null) {
                // 0 would mean that there is no limit.
                options.setTimeoutInMs(Math.max(1, remaining.toMillis()));
            }
            return NativeSession.options(options.build());
        }
    }
}
