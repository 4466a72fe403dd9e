package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * The postprocessor that answers the class with the highest score, {@code {"predicted_class": 3}},
 * with its {@code "label"} if it has one.
 *
 * <p>With a {@code threshold} it reads one score per row, as a sigmoid gives it, and answers class
 * 1 where that is at least the threshold, else class 0.
 */
@Metadata(
        label = "bean",
        description =
                "Answers the class with the highest score, such as {\"predicted_class\": 3}, with its"
                        + " label if it has one; a list of that for several rows. Of equal scores the"
                        + " lower class wins, and NaN is the highest, as in numpy.argmax.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class ArgMaxPostprocessor extends ScoresPostprocessor {

    @Metadata(
            description =
                    "The least score of class 1, for a model with one score per row, as of a sigmoid:"
                            + " below it the answer is class 0. Not set: the model has a score for"
                            + " each class")
    private @Nullable Double threshold;

    public ArgMaxPostprocessor() {
        super("predicted_class");
    }

    public @Nullable Double getThreshold() {
        return threshold;
    }

    /**
     * Sets the least score of class 1, for a model with one score per row; null for a model with a
     * score for each class, as by default.
     *
     * @throws PipelineFaultException if it is not finite
     */
    public void setThreshold(@Nullable Double threshold) {
        this.threshold = threshold == null ? null : (Double) Thresholds.finite(threshold);
    }

    @Override
    boolean isBinary() {
        return threshold != null;
    }

    @Override
    String binaryHint() {
        return "set threshold: 0.5 to answer class 1 where it is at least 0.5, else class 0";
    }

    @Override
    Object answer(ClassScores scores, int row) {
        int best = threshold == null ? scores.best(row) : side(scores.exact(row, 1), threshold);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put(getField(), best);
        addLabel(answer, best);
        return answer;
    }

    private static int side(Number score, double threshold) {
        if (Double.isNaN(score.doubleValue())) {
            throw new PipelineFaultException(
                    "the model's score is NaN, which is on no side of the threshold");
        }
        return Thresholds.reaches(score, threshold) ? 1 : 0;
    }
}
