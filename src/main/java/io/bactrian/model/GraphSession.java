package io.bactrian.model;

import io.bactrian.limit.Deadline;
import io.bactrian.session.GraphTensors;
import io.bactrian.session.RunOutputs;
import io.bactrian.session.SessionRunException;
import io.bactrian.session.SessionRunner;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.tensorflow.Graph;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.types.family.TType;

/**
 * A graph in memory, the session that runs it, and the signatures that can be run. Safe for use by
 * many threads at once.
 *
 * <p>A signature runs on the calling thread, unless it contains a loop or another operation that
 * may run forever: such a signature runs on TensorFlow's threads, since only there does TensorFlow
 * enforce a deadline.
 *
 * <p>Uses are counted: after {@link #close}, the last run to end frees the native memory.
 */
final class GraphSession implements AutoCloseable {

    /**
     * The time limit of a run on synthetic inputs, enforced if the signature may run forever. No
     * request waits for such a run.
     */
    static final Duration SYNTHETIC_RUN_LIMIT = Duration.ofSeconds(5);

    private final Graph graph;
    private final Session session;
    private final SessionRunner runner;
    private final Map<String, Plan> plans = new HashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Runs in progress, plus one until this object is closed. */
    private final AtomicInteger users = new AtomicInteger(1);

    /**
     * @param bundle a loaded SavedModel, owned by this object from now on
     * @param signatures the signatures that can be run
     */
    GraphSession(SavedModelBundle bundle, DistinctSignatures signatures) {
        this(bundle.graph(), bundle.session(), signatures);
    }

    private GraphSession(Graph graph, Session session, DistinctSignatures signatures) {
        this.graph = graph;
        this.session = session;
        this.runner = new SessionRunner(session);
        Map<String, Plan> distinct = new HashMap<>();
        signatures.distinct().forEach(each -> distinct.put(each.name(), new Plan(graph, each)));
        signatures.representatives().forEach((name, as) -> plans.put(name, distinct.get(as)));
    }

    /**
     * {@return a new session for a graph}
     *
     * @param definition a graph without variables and tables
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
     * {@return the configuration of a session for these signatures} If one of them may run forever,
     * the session has a thread pool of its own. Otherwise sessions share TensorFlow's, in which
     * endless runs of one model would block all others.
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
     * Runs a signature.
     *
     * @param inputs the tensors by input name, as {@link Signature#bind} returned them; still owned
     *     by the caller
     * @param deadline when a signature that may run forever is ended
     * @return the outputs by name, owned by the caller
     * @throws SessionRunException if TensorFlow reports a failure
     * @throws ModelClosedException if this object is closed
     */
    NamedTensors run(Signature signature, Map<String, TType> inputs, Deadline deadline) {
        enter();
        try {
            return Objects.requireNonNull(plans.get(signature.name()))
                    .run(runner, inputs, deadline);
        } finally {
            leave();
        }
    }

    /**
     * Runs a signature on synthetic inputs, within {@link #SYNTHETIC_RUN_LIMIT}.
     *
     * @see #run(Signature, Map, Deadline)
     */
    NamedTensors run(Signature signature, Map<String, TType> inputs) {
        return run(signature, inputs, Deadline.after(SYNTHETIC_RUN_LIMIT));
    }

    /**
     * Reads tensors that depend on no input.
     *
     * @param tensors their names
     * @return the tensors in the same order, owned by the caller
     * @throws SessionRunException if TensorFlow reports a failure
     */
    RunOutputs fetch(List<String> tensors) {
        enter();
        try {
            try (GraphTensors fetches = GraphTensors.named(graph, tensors)) {
                return runner.fetch(fetches);
            }
        } finally {
            leave();
        }
    }

    /** Rejects further runs, and frees the native memory as soon as no run is in progress. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            leave();
        }
    }

    /** {@return the number of runs in progress} */
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
            plans.values().forEach(Plan::close);
            session.close();
            graph.close();
        }
    }

    /** A signature's tensors, looked up in the graph once. */
    private static final class Plan implements AutoCloseable {

        private final List<String> inputs;
        private final List<String> outputs;
        private final GraphTensors feeds;
        private final GraphTensors fetches;
        private final boolean mayRunForever;

        Plan(Graph graph, Signature signature) {
            this.inputs = List.copyOf(signature.inputs().keySet());
            this.outputs = List.copyOf(signature.outputs().keySet());
            this.feeds = lookUp(graph, signature.inputs());
            this.fetches = lookUp(graph, signature.outputs());
            this.mayRunForever = signature.effects().loop() != null;
        }

        private static GraphTensors lookUp(Graph graph, Map<String, TensorSpec> specs) {
            return GraphTensors.named(
                    graph, specs.values().stream().map(TensorSpec::tensorName).toList());
        }

        /** May be called repeatedly: equivalent signatures share a plan. */
        @Override
        public void close() {
            feeds.close();
            fetches.close();
        }

        NamedTensors run(SessionRunner runner, Map<String, TType> values, Deadline deadline) {
            List<TType> fed = inputs.stream().map(values::get).toList();
            try (RunOutputs fetched =
                            mayRunForever
                                    ? runner.run(feeds, fed, fetches, deadline)
                                    : runner.run(feeds, fed, fetches);
                    NamedTensors.Builder named = NamedTensors.builder()) {
                for (int i = 0; i < outputs.size(); i++) {
                    named.put(outputs.get(i), fetched.take(i));
                }
                return named.build();
            }
        }
    }
}
