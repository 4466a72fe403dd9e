package io.bactrian.model;

import com.google.protobuf.ByteString;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.model.Optimization.RunTimes;
import io.bactrian.model.graph.GraphFreezer;
import io.bactrian.model.graph.GraphFreezer.Frozen;
import io.bactrian.model.graph.GraphNotFreezableException;
import io.bactrian.session.RunOutputs;
import io.bactrian.session.SessionRunException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.family.TType;

/**
 * The optimizer of loaded models: {@link GraphFreezer} and {@link
 * io.bactrian.model.graph.BatchNormFolding}, adopted if the result is faster with the same outputs.
 *
 * <p>The optimized graph is compared with the original on synthetic inputs. It is adopted if its
 * outputs differ by at most {@value #TOLERANCE} and its runs take at most {@value #MAX_TIME} of the
 * time.
 *
 * <p>Models with large variables are not tried. TensorFlow keeps several copies of a constant, in
 * the graph, in the optimized graph and in kernels, and folds and copies constants when it prepares
 * the graph. This costs memory and start-up time, while the overhead per operation that freezing
 * saves is small relative to the work on large variables.
 */
final class ModelOptimizer {

    private static final Logger LOG = LoggerFactory.getLogger(ModelOptimizer.class);

    /** The tolerance relative to the largest magnitude in a tensor, or to 1 if that is larger. */
    static final double TOLERANCE = 1e-5;

    /** The maximum time relative to the original. A smaller gain is not worth the memory. */
    static final double MAX_TIME = 0.9;

    /** The limit of all models' constants, of which TensorFlow keeps several copies. */
    private static final long MAX_CONSTANT_BYTES = 20L << 20;

    /** The number of alternating timed runs. The best counts, since noise only adds time. */
    private static final int MIN_RUNS = 3;

    private static final int MAX_RUNS = 30;
    private static final long TIMING_NANOS = 100_000_000;

    /** The time after which no further signature is tried and the optimization is rejected. */
    private static final long TRIAL_NANOS = 5_000_000_000L;

    /**
     * Held during a trial: models are loaded in parallel, but memory and timing allow only one
     * trial.
     */
    private static final Object TRIAL_LOCK = new Object();

    /** The memory of the constants of all loaded models. */
    static final MemoryBudget CONSTANTS = new MemoryBudget(MAX_CONSTANT_BYTES);

    /** The fraction of the Java heap, in which the graph is built, that constants may occupy. */
    private static final int HEAP_FRACTION = 8;

    private static final double MILLIS = 1_000_000;

    private final GraphSession original;
    private final GraphSession candidate;

    private ModelOptimizer(GraphSession original, GraphSession candidate) {
        this.original = original;
        this.candidate = candidate;
    }

    /**
     * The outcome of an optimization.
     *
     * @param graph the optimized graph, independent of the original and owned by the caller; null
     *     if the original is to be used
     * @param constants the memory of its constants, to be closed with {@code graph}; null without
     *     one
     * @param result what the attempt came to
     */
    record Outcome(
            @Nullable GraphSession graph,
            MemoryBudget.@Nullable Reservation constants,
            Optimization result) {

        static Outcome rejected(String reason) {
            return rejected(Optimization.rejected(reason));
        }

        private static Outcome rejected(Optimization result) {
            return new Outcome(null, null, result);
        }
    }

    /**
     * Optimizes a model.
     *
     * @param metaGraph the graph from which {@code original} was loaded
     * @param original the model, loaded and warm; still owned by the caller
     * @param signatures the signatures that can be run
     */
    static Outcome optimize(
            MetaGraphDef metaGraph,
            GraphSession original,
            DistinctSignatures signatures,
            TensorFlowConfig config) {
        for (Signature signature : signatures.distinct()) {
            String sideEffect = signature.effects().sideEffect();
            if (sideEffect != null) {
                // A trial must not run it, and another session would not share its state.
                return Outcome.rejected(
                        "signature \"" + signature.name() + "\" has a side effect, " + sideEffect);
            }
        }
        synchronized (TRIAL_LOCK) {
            try {
                Frozen frozen =
                        GraphFreezer.freeze(
                                metaGraph.getGraphDef(),
                                tensorNames(signatures.distinct(), Signature::inputs),
                                tensorNames(signatures.distinct(), Signature::outputs),
                                (nodes, maxBytes) -> values(original, nodes, maxBytes),
                                Math.min(
                                        CONSTANTS.limit() - CONSTANTS.reserved(),
                                        Runtime.getRuntime().maxMemory() / HEAP_FRACTION));
                if (frozen == null) {
                    return Outcome.rejected(Optimization.NO_VARIABLES);
                }
                return tryOut(frozen, original, signatures, config);
            } catch (GraphNotFreezableException e) {
                return Outcome.rejected(String.valueOf(e.getMessage()));
            }
        }
    }

    private static List<String> tensorNames(
            List<Signature> signatures, Function<Signature, Map<String, TensorSpec>> specs) {
        return signatures.stream()
                .flatMap(each -> TensorSpec.tensorNames(specs.apply(each)).stream())
                .toList();
    }

    private static Outcome tryOut(
            Frozen frozen,
            GraphSession original,
            DistinctSignatures signatures,
            TensorFlowConfig config) {
        GraphSession candidate;
        try {
            candidate =
                    GraphSession.of(frozen.definition(), signatures, config.toStaticGraphProto());
        } catch (RuntimeException e) {
            LOG.debug("TensorFlow rejects the frozen graph", e);
            return Outcome.rejected("TensorFlow rejects the frozen graph");
        }
        Outcome outcome = null;
        try {
            outcome = new ModelOptimizer(original, candidate).tryOut(frozen, signatures.distinct());
        } catch (SessionRunException e) {
            outcome = Outcome.rejected("a trial failed: " + e.summary());
        } finally {
            if (outcome == null || outcome.graph() == null) {
                candidate.close();
            }
        }
        return outcome;
    }

    private Outcome tryOut(Frozen frozen, Collection<Signature> signatures) {
        long end = System.nanoTime() + TRIAL_NANOS;
        double before = 0;
        double after = 0;
        for (Signature signature : signatures) {
            if (System.nanoTime() - end > 0) {
                return Outcome.rejected("a trial of all signatures takes too long");
            }
            try (NamedTensors zeros = SyntheticInputs.zeros(signature);
                    NamedTensors random = SyntheticInputs.random(signature)) {
                if (!agrees(signature, zeros.asMap()) || !agrees(signature, random.asMap())) {
                    return Outcome.rejected(
                            "outputs of signature \"" + signature.name() + "\" differ");
                }
                long[] best = time(signature, random.asMap());
                before += best[0];
                after += best[1];
            }
        }
        RunTimes times = new RunTimes(before / MILLIS, after / MILLIS);
        if (after > MAX_TIME * before) {
            return Outcome.rejected(Optimization.tooSlow(times));
        }
        return new Outcome(
                candidate,
                CONSTANTS.reserve("constants", frozen.bytes()),
                Optimization.applied(times));
    }

    private static List<TensorProto> values(GraphSession graph, List<String> nodes, long maxBytes)
            throws GraphNotFreezableException {
        List<TensorProto> values = new ArrayList<>();
        long bytes = 0;
        try (RunOutputs read = graph.fetch(nodes)) {
            for (int i = 0; i < read.size(); i++) {
                if (read.dataType(i) == DataType.DT_STRING) {
                    throw new GraphNotFreezableException("it has a variable of strings");
                }
                bytes += read.numBytes(i);
                if (bytes > maxBytes) {
                    throw GraphFreezer.tooLarge(bytes, maxBytes);
                }
                values.add(value(read, i));
            }
        }
        return values;
    }

    private static TensorProto value(RunOutputs read, int index) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long size : read.shape(index)) {
            shape.addDimBuilder().setSize(size);
        }
        return TensorProto.newBuilder()
                .setDtype(read.dataType(index))
                .setTensorShape(shape)
                .setTensorContent(ByteString.copyFrom(read.memory(index)))
                .build();
    }

    private boolean agrees(Signature signature, Map<String, TType> inputs) {
        try (NamedTensors expected = original.run(signature, inputs);
                NamedTensors actual = candidate.run(signature, inputs)) {
            for (String name : signature.outputs().keySet()) {
                if (!TensorComparison.agree(
                        expected.select(name), actual.select(name), TOLERANCE)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** {@return the best times of the original and the candidate, in nanoseconds} */
    private long[] time(Signature signature, Map<String, TType> inputs) {
        long[] best = {Long.MAX_VALUE, Long.MAX_VALUE};
        long end = System.nanoTime() + TIMING_NANOS;
        for (int i = 0; i < MIN_RUNS || (i < MAX_RUNS && System.nanoTime() - end < 0); i++) {
            best[0] = Math.min(best[0], time(original, signature, inputs));
            best[1] = Math.min(best[1], time(candidate, signature, inputs));
        }
        return best;
    }

    private static long time(GraphSession graph, Signature signature, Map<String, TType> inputs) {
        long start = System.nanoTime();
        graph.run(signature, inputs).close();
        return System.nanoTime() - start;
    }
}
