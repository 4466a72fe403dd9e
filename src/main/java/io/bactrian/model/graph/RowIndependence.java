package io.bactrian.model.graph;

import io.bactrian.model.graph.BatchValue.Mixed;
import io.bactrian.model.graph.BatchValue.Rows;
import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.GraphDef;

/**
 * A proof that the rows of a batch do not depend on each other: that row <em>i</em> of every output
 * is a function of row <em>i</em> of the inputs, whatever the other rows are, however many, and
 * whatever <em>i</em> is. Only then may requests share a run without a trace of one in another's
 * answer.
 *
 * <p>The graph is evaluated with {@linkplain BatchValue what is known of each tensor} in the place
 * of numbers: along which axis its rows lie, in which layout ({@code [batch·time, …]} where
 * dimensions have been joined), which sizes and shapes contain the number of rows, and where ragged
 * rows begin. Functions are evaluated at each call; loops until what is known of their variables
 * does not change any more, and only if whether they go on is the same for all rows; branches only
 * if the condition is. Sizes of axes other than the batch's are unknowns that are the same alone
 * and together, since the scheduler joins only requests that agree in them.
 *
 * <p>It never says yes by default: an operation without a {@linkplain BatchRules rule} and a case
 * that a rule does not know mean that nothing is known of the result. What fails in a batch, such
 * as an assertion about one row, is no concern here: the scheduler then runs its requests alone.
 */
public final class RowIndependence {

    /**
     * The result for a signature.
     *
     * @param isProven whether the rows are proven to be independent
     * @param reason what stood in the way of the proof; null if there is one
     */
    public record Verdict(boolean isProven, String reason) {

        private static final Verdict PROVEN = new Verdict(true, null);

        static Verdict not(String reason) {
            return new Verdict(false, reason);
        }
    }

    private RowIndependence() {}

    /**
     * {@return whether the outputs' rows are proven to depend on their own row of the inputs only}
     *
     * @param graph with its functions
     * @param effects of the signature: what one row changes, another could see
     * @param inputs of the signature, whose first axes are the rows'
     * @param outputs of the signature
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
            return Verdict.not(e.getMessage());
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

    private static String reason(String name, BatchValue value) {
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
