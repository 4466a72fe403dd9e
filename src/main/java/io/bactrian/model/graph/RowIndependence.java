package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.Mixed;
import io.bactrian.model.graph.BatchValue.Rows;
import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.GraphDef;

/**
 * A static analysis that proves that the rows of a batch are independent: that row <em>i</em> of
 * every output is a function of row <em>i</em> of the inputs only, regardless of <em>i</em> and of
 * the content and number of other rows. Only then can requests share a run without affecting each
 * other's results.
 *
 * <p>The graph is interpreted abstractly. A {@link BatchValue} describes a tensor by the axis and
 * layout of its rows ({@code [batch·time, …]} if dimensions have been merged), by the sizes and
 * shapes that contain the number of rows, and by the boundaries of ragged rows. Functions are
 * evaluated at each call, loops until a fixed point is reached. Loops and branches are supported
 * only if their condition is the same for all rows. The sizes of other axes are unknowns with the
 * same value alone and in a batch, since the scheduler joins only requests that agree in them.
 *
 * <p>Without a {@linkplain BatchRules rule} for an operation, or for a special case of it, nothing
 * is known of the result, and there is no proof. Failures such as an assertion about one row are
 * not considered: the scheduler runs the requests of a failed batch alone.
 */
public final class RowIndependence {

    /**
     * The result for a signature.
     *
     * @param reason why there is no proof; null if there is one
     */
    public record Verdict(@Nullable String reason) {

        private static final Verdict PROVEN = new Verdict(null);

        /** {@return whether the rows are proven to be independent} */
        public boolean isProven() {
            return reason == null;
        }

        static Verdict not(String reason) {
            return new Verdict(reason);
        }
    }

    private RowIndependence() {}

    /**
     * {@return whether each row of the outputs is proven to depend on the same row of the inputs
     * only}
     *
     * @param graph the graph with its functions
     * @param effects the signature's effects: a row could observe state that another changes
     * @param inputs the signature's inputs, with rows along their first axes
     * @param outputs the signature's outputs
     */
    public static Verdict of(
            GraphDef graph,
            SignatureEffects effects,
            Collection<TensorSpec> inputs,
            Collection<TensorSpec> outputs) {
        if (effects.sideEffect() != null) {
            return Verdict.not("operation " + effects.sideEffect() + " changes state");
        }
        if (effects.uninterruptible() != null) {
            return Verdict.not(
                    "operation "
                            + effects.uninterruptible()
                            + " is compiled by XLA and may not end");
        }
        Map<String, BatchValue> fed = new HashMap<>();
        for (TensorSpec input : inputs) {
            Shape shape = input.shape();
            if (shape.isUnknown()
                    || shape.numDimensions() == 0
                    || shape.get(0) != Shape.UNKNOWN_SIZE) {
                return Verdict.not("input \"" + input.name() + "\" has no free batch dimension");
            }
            fed.put(input.tensorName(), rows(input));
        }
        List<String> fetched = new ArrayList<>();
        outputs.forEach(output -> fetched.add(output.tensorName()));
        List<BatchValue> values;
        try {
            values = new GraphEvaluation(graph).evaluate(fed, fetched);
        } catch (GraphEvaluation.LimitExceededException e) {
            return Verdict.not(String.valueOf(e.getMessage()));
        }
        int index = 0;
        for (TensorSpec output : outputs) {
            String reason = reason(output.name(), values.get(index++));
            if (reason != null) {
                return Verdict.not(reason);
            }
        }
        return Verdict.PROVEN;
    }

    private static Rows rows(TensorSpec input) {
        List<SymbolicInt> dims = new ArrayList<>(List.of(SymbolicInt.BATCH));
        for (int axis = 1; axis < input.shape().numDimensions(); axis++) {
            long size = input.shape().get(axis);
            dims.add(
                    size == Shape.UNKNOWN_SIZE
                            ? SymbolicInt.of(
                                    Symbol.shared("input " + input.name() + '/' + axis, ""))
                            : SymbolicInt.of(size));
        }
        return Rows.plain(dims, 0, Symbol.BATCH);
    }

    private static @Nullable String reason(String name, BatchValue value) {
        if (value instanceof Mixed mixed) {
            return "operation "
                    + mixed.operation()
                    + " (node \""
                    + mixed.node()
                    + "\") is not known to keep rows apart";
        }
        if (value instanceof Rows rows
                && rows.isPlain()
                && rows.group().equals(Symbol.BATCH)
                && rows.dims().subList(1, rows.rank()).stream().allMatch(SymbolicInt::isShared)) {
            return null;
        }
        return "output \"" + name + "\" does not have one row for each of the input's";
    }
}
