package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * The postprocessor of a binary classifier with one score per row, as a sigmoid gives it: {@code
 * {"prediction": true, "score": 0.97}}.
 */
@Metadata(
        label = "bean",
        description =
                "Answers whether a model's single score per row, as of a sigmoid, is at least the"
                        + " threshold, such as {\"prediction\": true, \"score\": 0.97}, with the label"
                        + " of the side if there are labels, that of false first; a list of that for"
                        + " several rows.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class BinaryPostprocessor extends ScoresPostprocessor {

    @Metadata(description = "The least score that is true, after the activation")
    private double threshold = 0.5;

    @Metadata(description = "Whether a score that equals the threshold is false")
    private boolean strict;

    @Metadata(
            description =
                    "The name of the field with the score, after the activation. Empty: the score"
                            + " is left out")
    private String scoreField = "score";

    /** Creates a postprocessor with default properties. */
    public BinaryPostprocessor() {
        super("prediction");
    }

    /** {@return the least score that is true, after the activation} */
    public double getThreshold() {
        return threshold;
    }

    /**
     * Sets the least score that is true, after the activation.
     *
     * @param threshold 0.5 by default
     * @throws PipelineFaultException if it is not finite
     */
    public void setThreshold(double threshold) {
        this.threshold = Thresholds.finite(threshold);
    }

    /** {@return whether a score that equals the threshold is false} */
    public boolean isStrict() {
        return strict;
    }

    /**
     * Sets whether a score that equals the threshold is false.
     *
     * @param strict true by default
     */
    public void setStrict(boolean strict) {
        this.strict = strict;
    }

    /** {@return the name of the field with the score} */
    public String getScoreField() {
        return scoreField;
    }

    /**
     * Sets the name of the field with the score.
     *
     * @param scoreField {@code score} by default
     */
    public void setScoreField(String scoreField) {
        this.scoreField = scoreField;
    }

    @Override
    boolean isBinary() {
        return true;
    }

    @Override
    @Nullable String singleScoreHint() {
        return null;
    }

    @Override
    Map<String, String> fieldNames() {
        return Map.of("field", getField(), "labelField", getLabelField(), "scoreField", scoreField);
    }

    @Override
    Object answer(Exchange exchange, ClassScores scores, int row) {
        Number score = scores.exact(row, 1);
        boolean positive = Thresholds.passes(score, threshold, strict);
        return new AnswerMembers(getField(), getLabelField(), scoreField)
                .answer(positive, label(scores, row, positive ? 1 : 0, getField()), score);
    }
}
