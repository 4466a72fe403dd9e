package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.table.FeatureVectors;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * The postprocessor of a recommender that scores all items: it answers the ids of the k items with
 * the highest scores, without those that the request has, {@code {"items": [318, 50], "scores":
 * [0.9, 0.7]}}. The order is that of {@code numpy.argsort(-scores, kind="stable")}.
 *
 * <p>The items of the request are those of the multi-hot feature that a preprocessor with {@code
 * keepRows: true} before the model made.
 */
@Metadata(
        label = "bean",
        description =
                "Answers the ids of the k items with the highest scores, the highest first, without the"
                        + " items in the request's multi-hot feature, such as {\"items\": [318, 50],"
                        + " \"scores\": [0.9, 0.7]}; a list of that for a list of rows. labels or"
                        + " labelsFile has the items' ids; without them it answers their indices.",
        excludeProperties = "labelField",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class TopItemsPostprocessor extends ScoresPostprocessor {

    @Metadata(description = "The number of items to answer; all of them if there are fewer")
    private int k = 10;

    @Metadata(
            description =
                    "Whether items that the request has are left out, which needs a"
                            + " FeatureVectorPreprocessor with a multi-hot feature and keepRows:"
                            + " true")
    private boolean withoutSeen = true;

    @Metadata(
            description =
                    "The field of the multi-hot feature that has the request's items. Not set: the"
                            + " only multi-hot feature")
    private @Nullable String seenField;

    @Metadata(description = "The name of the field with the scores. Empty: they are left out")
    private String scoresField = "scores";

    /** Creates a postprocessor with default properties. */
    public TopItemsPostprocessor() {
        super("items");
    }

    /** {@return the number of items to answer; all of them if there are fewer} */
    public int getK() {
        return k;
    }

    /**
     * Sets the number of items to answer.
     *
     * @param k 10 by default; all of them if there are fewer
     * @throws PipelineFaultException below 1
     */
    public void setK(int k) {
        if (k < 1) {
            throw PipelineFaultException.property("k", "1 or more", k);
        }
        this.k = k;
    }

    /** {@return whether items that the request has are left out} */
    public boolean isWithoutSeen() {
        return withoutSeen;
    }

    /**
     * Sets whether items that the request has are left out.
     *
     * @param withoutSeen true by default
     */
    public void setWithoutSeen(boolean withoutSeen) {
        this.withoutSeen = withoutSeen;
    }

    /**
     * {@return the field of the multi-hot feature with the request's items; null for the only one}
     */
    public @Nullable String getSeenField() {
        return seenField;
    }

    /**
     * Sets the field of the multi-hot feature with the request's items.
     *
     * @param seenField null for the only one
     */
    public void setSeenField(@Nullable String seenField) {
        this.seenField = seenField;
    }

    /** {@return the name of the field with the scores} */
    public String getScoresField() {
        return scoresField;
    }

    /**
     * Sets the name of the field with the scores.
     *
     * @param scoresField {@code scores} by default
     */
    public void setScoresField(String scoresField) {
        this.scoresField = scoresField;
    }

    /** Rejects a field for a label: items are answered by their labels. */
    @Override
    public void setLabelField(String labelField) {
        throw new PipelineFaultException("labelField can't be set: field has the items' labels");
    }

    @Override
    boolean isBinary() {
        return false;
    }

    @Override
    @Nullable String singleScoreHint() {
        return null;
    }

    @Override
    Map<String, String> fieldNames() {
        return Map.of("field", getField(), "scoresField", scoresField);
    }

    @Override
    Object answer(Exchange exchange, ClassScores scores, int row) {
        BitSet seen = new BitSet();
        if (withoutSeen) {
            FeatureVectors given = FeatureVectors.of(exchange);
            if (given.size() != scores.rows()) {
                throw new PipelineFaultException(
                        "the model was given "
                                + given.size()
                                + (given.size() == 1 ? " row" : " rows")
                                + " and gave scores of "
                                + scores.rows());
            }
            seen = given.categories(row, seenField);
        }
        List<Object> items = new ArrayList<>();
        List<Object> itemScores = new ArrayList<>();
        for (int item : top(scores, row, seen)) {
            Object label = label(scores, row, item, "");
            items.add(label == null ? item : label);
            itemScores.add(scores.exact(row, item));
        }
        if (scoresField.isEmpty()) {
            return inField(items);
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        if (!getField().isEmpty()) {
            answer.put(getField(), items);
        }
        answer.put(scoresField, itemScores);
        return answer;
    }

    /** The items with the highest scores; of equal ones the lower first, NaN last. */
    private List<Integer> top(ClassScores scores, int row, BitSet seen) {
        Comparator<Integer> order =
                // Subtraction makes both zeros equal.
                Comparator.comparingDouble((Integer item) -> 0 - scores.score(row, item))
                        .thenComparing(Comparator.naturalOrder());
        // The worst of those kept is the first to go, so that many items take little memory.
        PriorityQueue<Integer> best = new PriorityQueue<>(order.reversed());
        for (int item = seen.nextClearBit(0);
                item < scores.classes();
                item = seen.nextClearBit(item + 1)) {
            best.add(item);
            if (best.size() > k) {
                best.remove();
            }
        }
        return best.stream().sorted(order).toList();
    }
}
