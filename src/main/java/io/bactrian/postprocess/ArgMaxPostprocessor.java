package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * The postprocessor that answers the class with the highest score, {@code {"predicted_class": 3}},
 * with its {@code "label"} if it has one, and with its score if a field is named for that.
 *
 * <p>With a {@code threshold} it reads one score per row, as a sigmoid gives it, and answers class
 * 1 where that is at least the threshold, else class 0.
 */
@Metadata(
        label = "bean",
        description =
                "Answers the class with the highest score, such as {\"predicted_class\": 3}, with its"
                        + " label if it has one, and its score if confidenceField names a field:"
                        + " {\"label\": \"cat\", \"confidence\": 0.93} with field empty; a list of that"
                        + " for several rows. Of equal scores the lower class wins, and NaN is the"
                        + " highest, as in numpy.argmax.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class ArgMaxPostprocessor extends ScoresPostprocessor {

    /** The class number where no class reaches minScore. */
    private static final int REJECTED = -1;

    @Metadata(
            description =
                    "The least score of class 1, for a model with one score per row, as of a sigmoid:"
                            + " below it the answer is class 0. Not set: the model has a score for"
                            + " each class")
    private @Nullable Double threshold;

    @Metadata(
            description =
                    "The name of the field with the class's score, after the activation, such as"
                            + " confidence. Not set: the answer has no score")
    private @Nullable String confidenceField;

    @Metadata(
            description =
                    "The name of the field with the list of all classes' scores, after the activation."
                            + " Empty: it is left out")
    private String scoresField = "";

    @Metadata(
            description =
                    "The least score of a class, after the activation, that is answered: below it the"
                            + " label is rejectedLabel and the class number -1. Not set: the highest is"
                            + " answered whatever its score")
    private @Nullable Double minScore;

    @Metadata(description = "The label where the highest score is below minScore")
    private String rejectedLabel = "unknown";

    /** Creates a postprocessor with default properties. */
    public ArgMaxPostprocessor() {
        super("predicted_class");
    }

    /**
     * {@return the least score of class 1, for a model with one score per row; null for a model
     * with a score for each class}
     */
    public @Nullable Double getThreshold() {
        return threshold;
    }

    /**
     * Sets the least score of class 1, for a model with one score per row.
     *
     * @param threshold null for a model with a score for each class, as by default
     * @throws PipelineFaultException if it is not finite
     */
    public void setThreshold(@Nullable Double threshold) {
        this.threshold = threshold == null ? null : (Double) Thresholds.finite(threshold);
    }

    /** {@return the name of the field with the class's score; null for none} */
    public @Nullable String getConfidenceField() {
        return confidenceField;
    }

    /**
     * Sets the name of the field with the class's score.
     *
     * @param confidenceField null for none, as by default
     */
    public void setConfidenceField(@Nullable String confidenceField) {
        this.confidenceField = confidenceField;
    }

    /** {@return the name of the field with all scores; empty to leave it out} */
    public String getScoresField() {
        return scoresField;
    }

    /**
     * Sets the name of the field with all scores.
     *
     * @param scoresField empty, as by default, to leave it out
     */
    public void setScoresField(String scoresField) {
        this.scoresField = scoresField;
    }

    /** {@return the least score of a class that is answered; null for any} */
    public @Nullable Double getMinScore() {
        return minScore;
    }

    /**
     * Sets the least score of a class that is answered; null for any, as by default.
     *
     * @param minScore the least score
     * @throws PipelineFaultException if it is not finite
     */
    public void setMinScore(@Nullable Double minScore) {
        this.minScore = minScore == null ? null : (Double) Thresholds.finite("minScore", minScore);
    }

    /** {@return the label where the highest score is below minScore} */
    public String getRejectedLabel() {
        return rejectedLabel;
    }

    /**
     * Sets the label where the highest score is below minScore, {@code unknown} by default.
     *
     * @param rejectedLabel the label
     */
    public void setRejectedLabel(String rejectedLabel) {
        this.rejectedLabel = rejectedLabel;
    }

    @Override
    void checkProperties() {
        super.checkProperties();
        if (minScore != null && threshold != null) {
            throw new PipelineFaultException(
                    "minScore and threshold are both set: keep one of them");
        }
    }

    @Override
    boolean isBinary() {
        return threshold != null;
    }

    @Override
    String singleScoreHint() {
        return "set threshold: 0.5 to answer class 1 where it is at least 0.5, else class 0";
    }

    @Override
    Map<String, String> fieldNames() {
        return Map.of(
                "field",
                getField(),
                "labelField",
                getLabelField(),
                "confidenceField",
                confidenceField(),
                "scoresField",
                scoresField);
    }

    private String confidenceField() {
        return confidenceField == null ? "" : confidenceField;
    }

    @Override
    Object answer(Exchange exchange, ClassScores scores, int row) {
        int best;
        if (threshold == null) {
            best = scores.best(row);
        } else {
            best = Thresholds.passes(scores.exact(row, 1), threshold, false) ? 1 : 0;
            if (!confidenceField().isEmpty()) {
                scores.checkProbability(row, "confidenceField");
            }
        }
        boolean rejected =
                minScore != null && !Thresholds.passes(scores.exact(row, best), minScore, false);
        Object answer =
                new AnswerMembers(getField(), getLabelField(), confidenceField())
                        .answer(
                                rejected ? REJECTED : best,
                                rejected ? rejectedLabel : label(scores, row, best, getField()),
                                scores.exact(row, best));
        if (scoresField.isEmpty()) {
            return answer;
        }
        Map<String, Object> members = new LinkedHashMap<>();
        if (answer instanceof Map<?, ?> map) {
            map.forEach((name, value) -> members.put((String) name, value));
        }
        List<Number> all = new ArrayList<>();
        for (int i = 0; i < scores.classes(); i++) {
            all.add(scores.exact(row, i));
        }
        members.put(scoresField, all);
        return members;
    }
}
