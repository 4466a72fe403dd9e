package io.bactrian.model;

import com.google.protobuf.ByteString;
import io.bactrian.limit.MemoryBudget;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.family.TType;

/**
 * Makes a faster graph of a model that has been loaded, where there is one that gives the same
 * answers: {@link GraphFreezer}, then {@link BatchNormFolding}.
 *
 * <p>Nothing is taken on trust. What was made is run beside the model as it is, on synthetic input,
 * and taken only if its numbers are within {@value #TOLERANCE} and it takes at most {@value
 * #MAX_TIME} of the time.
 *
 * <p>Nor is anything tried that can't pay. TensorFlow keeps a constant several times: in the graph,
 * in what it makes of the graph, and in the kernels. And it folds and copies constants when it
 * prepares the graph. So large variables cost memory and time at start that an operation's
 * overhead, of which they have less a byte, does not bring in.
 */
final class ModelOptimizer {

    private static final Logger LOG = LoggerFactory.getLogger(ModelOptimizer.class);

    /** How far a number may be off, as a share of the largest of its tensor's, or of 1. */
    static final double TOLERANCE = 1e-5;

    /** A gain of less is not worth the memory. */
    static final double MAX_TIME = 0.9;

    /**
     * Of constants in a process. They take 4.3 times as much, as measured with MobileNetV2, and all
     * that is optimized should take at most 1.2 times what it takes as it is.
     */
    private static final long MAX_CONSTANT_BYTES = 20L << 20;

    /** Alternating runs that are timed; the best counts, since noise only ever adds. */
    private static final int MIN_RUNS = 3;

    private static final int MAX_RUNS = 30;
    private static final long TIMING_NANOS = 100_000_000;

    /** After which no further signature is tried, and the model is left as it is. */
    private static final long TRIAL_NANOS = 5_000_000_000L;

    /** Models are loaded side by side: one's copies of its weights at a time, and one's timing. */
    private static final Object ONE_AT_A_TIME = new Object();

    /** Of the models that are in memory. */
    static final MemoryBudget CONSTANTS = new MemoryBudget(MAX_CONSTANT_BYTES);

    /** Of Java's heap, in which the graph is made, and from which it is copied. */
    private static final int HEAP_SHARE = 8;

    private static final double MILLIS = 1_000_000;

    private final GraphSession original;
    private final GraphSession candidate;

    private ModelOptimizer(GraphSession original, GraphSession candidate) {
        this.original = original;
        this.candidate = candidate;
    }

    /**
     * What came of it.
     *
     * @param graph a graph of its own that does not need the original any more, owned by the
     *     caller; null if there is none that is better
     * @param constants what its constants take, to be closed when {@code graph} is
     * @param remark what was tried and what was kept; null if there was nothing to try
     */
    record Outcome(GraphSession graph, MemoryBudget.Reservation constants, String remark) {

        static final Outcome NOTHING_TO_OPTIMIZE = new Outcome(null, null, null);

        private static Outcome left(String reason) {
            return new Outcome(null, null, "not optimized: " + reason);
        }
    }

    /**
     * @param metaGraph what {@code original} was loaded from
     * @param original loaded and warm; it goes on belonging to the caller
     * @param signatures those of its that can be run
     */
    static Outcome optimize(
            MetaGraphDef metaGraph,
            GraphSession original,
            DistinctSignatures signatures,
            TensorFlowConfig config) {
        for (Signature signature : signatures.distinct()) {
            String sideEffect = signature.effects().sideEffect();
            if (sideEffect != null) {
                // Another session would not see what it changes, nor may a trial run it.
                return Outcome.left(
                        "signature \"" + signature.name() + "\" has a side effect, " + sideEffect);
            }
        }
        synchronized (ONE_AT_A_TIME) {
            try {
                Frozen frozen =
                        GraphFreezer.freeze(
                                metaGraph.getGraphDef(),
                                tensorNames(signatures.distinct(), Signature::inputs),
                                tensorNames(signatures.distinct(), Signature::outputs),
                                (nodes, maxBytes) -> values(original, nodes, maxBytes),
                                Math.min(
                                        CONSTANTS.limit() - CONSTANTS.reserved(),
                                        Runtime.getRuntime().maxMemory() / HEAP_SHARE));
                if (frozen == null) {
                    return Outcome.NOTHING_TO_OPTIMIZE;
                }
                return tried(frozen, original, signatures, config);
            } catch (GraphNotFreezableException e) {
                return Outcome.left(e.getMessage());
            }
        }
    }

    private static List<String> tensorNames(
            List<Signature> signatures, Function<Signature, Map<String, TensorSpec>> specs) {
        return signatures.stream()
                .flatMap(each -> TensorSpec.tensorNames(specs.apply(each)).stream())
                .toList();
    }

    private static Outcome tried(
            Frozen frozen,
            GraphSession original,
            DistinctSignatures signatures,
            TensorFlowConfig config) {
        GraphSession candidate;
        try {
            candidate =
                    GraphSession.of(frozen.definition(), signatures, config.toStaticGraphProto());
        } catch (RuntimeException e) {
            LOG.debug("TensorFlow refuses the graph with constants", e);
            return Outcome.left("TensorFlow refuses the graph with constants");
        }
        Outcome outcome = null;
        try {
            outcome = new ModelOptimizer(original, candidate).tried(frozen, signatures.distinct());
        } catch (SessionRunException e) {
            outcome = Outcome.left("a trial failed: " + e.summary());
        } finally {
            if (outcome == null || outcome.graph() == null) {
                candidate.close();
            }
        }
        return outcome;
    }

    private Outcome tried(Frozen frozen, Collection<Signature> signatures) {
        long end = System.nanoTime() + TRIAL_NANOS;
        double before = 0;
        double after = 0;
        for (Signature signature : signatures) {
            if (System.nanoTime() - end > 0) {
                return Outcome.left("a trial of all signatures takes too long");
            }
            try (NamedTensors zeros = SyntheticInputs.zeros(signature);
                    NamedTensors random = SyntheticInputs.random(signature)) {
                if (!agrees(signature, zeros.asMap()) || !agrees(signature, random.asMap())) {
                    return Outcome.left(
                            "with constants signature \""
                                    + signature.name()
                                    + "\" gives other numbers");
                }
                long[] best = time(signature, random.asMap());
                before += best[0];
                after += best[1];
            }
        }
        if (after > MAX_TIME * before) {
            return Outcome.left(
                    String.format(
                            "with constants a run takes %.3f ms in place of %.3f",
                            after / MILLIS, before / MILLIS));
        }
        return new Outcome(
                candidate,
                CONSTANTS.reserve("constants", frozen.bytes()),
                String.format(
                        "optimized: with constants in place of variables a run takes %.3f ms in"
                                + " place of %.3f",
                        after / MILLIS, before / MILLIS));
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
                        expected.asMap().get(name), actual.asMap().get(name), TOLERANCE)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** The best of several runs of each, in turn: nanoseconds. */
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
