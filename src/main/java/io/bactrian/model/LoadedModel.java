package io.bactrian.model;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.model.graph.RowIndependence.Verdict;
import io.bactrian.session.SessionRunException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorFlowStatus;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * A version of a SavedModel in memory, ready to run. Immutable, and safe for use by many threads at
 * once.
 */
public final class LoadedModel implements AutoCloseable {

    /** Words and numbers in TensorFlow's messages about wrong shapes. */
    private static final Pattern SHAPES =
            Pattern.compile(
                    "\\[\\d+(, ?\\d+)+]|\\b(shapes?|dimensions?|sizes?|ranks?)\\b",
                    Pattern.CASE_INSENSITIVE);

    private final String name;
    private final long version;
    private final Path path;
    private final SortedMap<String, Signature> signatures;
    private final List<String> remarks;
    private final @Nullable Optimization optimization;

    /** By signature. */
    private final Map<String, Verdict> rowIndependence;

    private final GraphSession session;

    /** Memory for the constants of an optimized graph; null if the graph was not optimized. */
    private final MemoryBudget.@Nullable Reservation constants;

    /** What TensorFlow loaded in place of the original; null if that was the original. */
    private final @Nullable StrippedCopy strippedCopy;

    /**
     * @param imported the model as it was imported, owned by this object from now on
     * @param optimized its optimized graph, owned by this object from now on; if there is one, the
     *     imported graph is not used. Null if optimization was not tried
     * @param rowIndependence by signature
     * @param remarks sentences for the operator
     */
    LoadedModel(
            String name,
            long version,
            ImportedModel imported,
            ModelOptimizer.@Nullable Outcome optimized,
            Map<String, Verdict> rowIndependence,
            List<String> remarks) {
        this.name = name;
        this.version = version;
        this.path = imported.file().directory();
        this.signatures = Collections.unmodifiableSortedMap(imported.signatures());
        this.remarks = List.copyOf(remarks);
        this.rowIndependence = Map.copyOf(rowIndependence);
        this.optimization = optimized == null ? null : optimized.result();
        GraphSession optimizedGraph = optimized == null ? null : optimized.graph();
        this.session = optimizedGraph == null ? imported.session() : optimizedGraph;
        this.constants = optimized == null ? null : optimized.constants();
        this.strippedCopy = imported.copy();
    }

    /** {@return the name under which it is served} */
    public String name() {
        return name;
    }

    /** {@return its version} */
    public long version() {
        return version;
    }

    /** {@return the folder from which it was loaded} */
    public Path path() {
        return path;
    }

    /** {@return all signatures by name, including those that can't be run} */
    public SortedMap<String, Signature> signatures() {
        return signatures;
    }

    /** {@return sentences for the operator about how this model was loaded} */
    public List<String> remarks() {
        return remarks;
    }

    /** {@return what the attempt to optimize the model came to; null if it was not tried} */
    public @Nullable Optimization optimization() {
        return optimization;
    }

    /**
     * {@return whether the model has this signature and can run it}
     *
     * @param signatureName as for {@link #signature}
     */
    public boolean canRun(@Nullable String signatureName) {
        Signature signature = signatures.get(nameOrDefault(signatureName));
        return signature != null && signature.isRunnable();
    }

    private String nameOrDefault(@Nullable String signatureName) {
        if (signatureName != null) {
            return signatureName;
        }
        return signatures.containsKey(Signature.DEFAULT) || signatures.size() > 1
                ? Signature.DEFAULT
                : signatures.firstKey();
    }

    /**
     * {@return a signature that can be run}
     *
     * @param signatureName null for {@value Signature#DEFAULT}, or for the model's only signature
     * @throws BadInputException if the model has no such signature or can't run it, with the reason
     */
    public Signature signature(@Nullable String signatureName) {
        String wanted = nameOrDefault(signatureName);
        Signature signature = signatures.get(wanted);
        if (signature == null) {
            throw new BadInputException(
                    "Serving signature name: \""
                            + wanted
                            + "\" not found in signature def: model \""
                            + name
                            + "\" has "
                            + signatures.keySet());
        }
        if (signature.problem() != null) {
            throw new BadInputException(Signature.unavailable(wanted, signature.problem()));
        }
        return signature;
    }

    /**
     * Runs the model, without a time limit.
     *
     * @param signature a signature of this model, from {@link #signature}
     * @param inputs the tensors by input name, still owned by the caller
     * @return the outputs by name, owned by the caller
     * @throws BadInputException if an input does not match the signature, naming the input
     * @throws InsufficientMemoryException if TensorFlow ran out of memory
     * @throws PredictionException if the model failed
     */
    public NamedTensors predict(Signature signature, NamedTensors inputs) {
        return run(signature, signature.bind(inputs.asMap()), Deadline.none());
    }

    /**
     * Runs the model.
     *
     * @param signature a signature of this model, from {@link #signature}
     * @param bound the tensors as {@link Signature#bind} returned them, still owned by the caller
     * @param deadline when a signature that may run forever is ended
     * @return the outputs by name, owned by the caller
     * @throws BadInputException if the model rejected the inputs
     * @throws DeadlineExceededException if the run did not end in time
     * @throws InsufficientMemoryException if TensorFlow ran out of memory
     * @throws PredictionException if the model failed
     */
    NamedTensors run(Signature signature, Map<String, TType> bound, Deadline deadline) {
        try {
            return session.run(signature, bound, deadline);
        } catch (SessionRunException e) {
            throw RunErrors.forCaller(e, name, signature, bound);
        }
    }

    /**
     * {@return whether the rows of a signature are proven to be independent}
     *
     * @param signature a runnable signature of this model
     */
    public Verdict rowIndependence(Signature signature) {
        return Objects.requireNonNull(
                rowIndependence.get(signature.name()), "the signature can't be run");
    }

    /**
     * Runs a signature on zeros of the shapes that a pipeline always gives it, to find shapes that
     * the model rejects. A signature with side effects is not run.
     *
     * @param signature a runnable signature of this model
     * @param shapes shapes by input name; other inputs have the shapes that the signature declares
     * @return TensorFlow's message about the shapes; null if the model accepts them or was not run
     */
    public @Nullable String refusal(Signature signature, Map<String, Shape> shapes) {
        if (signature.effects().syntheticRunBlocker() != null) {
            return null;
        }
        try (NamedTensors inputs = SyntheticInputs.zeros(signature, shapes)) {
            session.run(signature, inputs.asMap()).close();
            return null;
        } catch (SessionRunException e) {
            boolean aboutShapes =
                    e.status() == TensorFlowStatus.INVALID_ARGUMENT
                            && SHAPES.matcher(e.summary()).find();
            return aboutShapes ? e.summary() : null;
        }
    }

    /** {@return the number of runs in progress} */
    int runs() {
        return session.runs();
    }

    /** Rejects further runs, and frees the model's memory as soon as no run is in progress. */
    @Override
    public void close() {
        session.close();
        if (constants != null) {
            constants.close();
        }
        if (strippedCopy != null) {
            strippedCopy.close();
        }
    }

    @Override
    public String toString() {
        return name + " version " + version;
    }
}
