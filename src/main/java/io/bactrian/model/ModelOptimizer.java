package io.bactrian.model;

import com.google.protobuf.ByteString;
import io.bactrian.model.ConstantGraph.NotConstantException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.Result;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * Makes a faster graph of a model that has been loaded, where there is one that gives the same
 * answers: {@link ConstantGraph}, then {@link ConvolutionFolding}.
 *
 * <p>Nothing is taken on trust. What was made is run beside the model as it is, on made-up input,
 * and taken only if its numbers are within {@value #TOLERANCE} and it takes at most {@value
 * #MOST_TIME} of the time.
 */
final class ModelOptimizer {

    private static final Logger LOG = LoggerFactory.getLogger(ModelOptimizer.class);

    /** How far a number may be off, as a share of the largest of its tensor's, or of 1. */
    static final double TOLERANCE = 1e-5;

    /** Less of a gain is noise. */
    static final double MOST_TIME = 0.95;

    /** Alternating runs that are timed; the best counts, since noise only ever adds. */
    private static final int LEAST_RUNS = 3;

    private static final int MOST_RUNS = 30;
    private static final long BUDGET_NANOS = 100_000_000;

    /** Models are loaded side by side: one's copies of its weights at a time, and one's timing. */
    private static final Object ONE_AT_A_TIME = new Object();

    private final RunnableGraph original;
    private final RunnableGraph candidate;

    private ModelOptimizer(RunnableGraph original, RunnableGraph candidate) {
        this.original = original;
        this.candidate = candidate;
    }

    /**
     * @param metaGraph what {@code original} was loaded from
     * @param original loaded and warm; it goes on belonging to the caller
     * @param signatures those of its that can be run
     * @return a graph of its own that does not need {@code original} any more, owned by the caller;
     *     null if there is none that is better
     */
    static RunnableGraph optimize(
            MetaGraphDef metaGraph,
            RunnableGraph original,
            DistinctSignatures signatures,
            TensorFlowConfig config) {
        synchronized (ONE_AT_A_TIME) {
            RunnableGraph candidate = candidate(metaGraph, original, signatures, config);
            return candidate != null && isBetter(original, candidate, signatures.distinct())
                    ? candidate
                    : null;
        }
    }

    private static RunnableGraph candidate(
            MetaGraphDef metaGraph,
            RunnableGraph original,
            DistinctSignatures signatures,
            TensorFlowConfig config) {
        try {
            return RunnableGraph.of(
                    ConstantGraph.of(
                            metaGraph,
                            signatures.distinct(),
                            (names, most) -> values(original, names, most)),
                    signatures,
                    config.toProto());
        } catch (NotConstantException e) {
            LOG.debug("left as it is: {}", e.getMessage());
            return null;
        } catch (RuntimeException e) {
            LOG.debug("left as it is: TensorFlow refuses the graph", e);
            return null;
        }
    }

    /** Closes the candidate if it is not. */
    private static boolean isBetter(
            RunnableGraph original, RunnableGraph candidate, Collection<Signature> signatures) {
        boolean better = false;
        try {
            better = new ModelOptimizer(original, candidate).isBetter(signatures);
        } catch (RuntimeException e) {
            LOG.debug("left as it is: a trial failed", e);
        } finally {
            if (!better) {
                candidate.close();
            }
        }
        return better;
    }

    private static List<TensorProto> values(
            RunnableGraph graph, List<String> operations, long mostBytes)
            throws NotConstantException {
        List<TensorProto> values = new ArrayList<>();
        long bytes = 0;
        try (Result result = graph.fetch(operations)) {
            for (int i = 0; i < operations.size(); i++) {
                TType tensor = (TType) result.get(i);
                bytes += tensor.numBytes();
                if (bytes > mostBytes) {
                    throw ConstantGraph.tooLarge();
                }
                values.add(value(tensor));
            }
        }
        return values;
    }

    private static TensorProto value(TType tensor) throws NotConstantException {
        if (tensor instanceof TString) {
            throw new NotConstantException("it has a variable of strings");
        }
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long size : tensor.shape().asArray()) {
            shape.addDimBuilder().setSize(size);
        }
        return TensorProto.newBuilder()
                .setDtype(tensor.dataType())
                .setTensorShape(shape)
                .setTensorContent(ByteString.copyFrom(NativeMemory.of(tensor)))
                .build();
    }

    private boolean isBetter(Collection<Signature> signatures) {
        long before = 0;
        long after = 0;
        for (Signature signature : signatures) {
            try (NamedTensors zeros = LoadedModel.madeUp(signature);
                    NamedTensors random = random(signature)) {
                if (!agrees(signature, zeros.asMap()) || !agrees(signature, random.asMap())) {
                    LOG.debug("left as it is: signature \"{}\" gives others", signature.name());
                    return false;
                }
                long[] best = time(signature, random.asMap());
                before += best[0];
                after += best[1];
            }
        }
        LOG.debug("{} µs as it is, {} µs with constants", before / 1000, after / 1000);
        return after <= MOST_TIME * before;
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
        long end = System.nanoTime() + BUDGET_NANOS;
        for (int i = 0; i < LEAST_RUNS || i < MOST_RUNS && System.nanoTime() - end < 0; i++) {
            best[0] = Math.min(best[0], time(original, signature, inputs));
            best[1] = Math.min(best[1], time(candidate, signature, inputs));
        }
        return best;
    }

    private static long time(RunnableGraph graph, Signature signature, Map<String, TType> inputs) {
        long start = System.nanoTime();
        graph.run(signature, inputs).close();
        return System.nanoTime() - start;
    }

    /** As {@link LoadedModel#madeUp}, but with numbers from 0 to 1 where they need not be whole. */
    private static NamedTensors random(Signature signature) {
        NamedTensors inputs = LoadedModel.madeUp(signature);
        Random random = new Random(1);
        for (TensorSpec spec : signature.inputs().values()) {
            if (spec.dtype() == DType.FLOAT32) {
                ByteBuffer memory = NativeMemory.of(inputs.asMap().get(spec.name()));
                while (memory.hasRemaining()) {
                    memory.putFloat(random.nextFloat());
                }
            }
        }
        return inputs;
    }
}
