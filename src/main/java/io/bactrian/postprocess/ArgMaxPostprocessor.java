package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Scores {@code [1, classes]} or {@code [classes]} to {@code {"predicted_class": argmax}}, with the
 * class's {@code "label"} where it has one. Scores of several rows become a list of such answers.
 *
 * <p>With a {@code threshold} it reads one number per row, as a sigmoid gives it, and answers class
 * 1 where that is at least the threshold, else class 0.
 */
public class ArgMaxPostprocessor extends ScoresPostprocessor {

    private String field = "predicted_class";
    private Double threshold;

    /**
     * @param field the answer's field for the class, {@code predicted_class} by default
     */
    public void setField(String field) {
        this.field = field;
    }

    public String getField() {
        return field;
    }

    /**
     * @param threshold the least score that is class 1, for a model with one score per row; not set
     *     for a model with a score for each class
     * @throws IllegalArgumentException if it is not finite
     */
    public void setThreshold(double threshold) {
        this.threshold = Thresholds.finite(threshold);
    }

    public Double getThreshold() {
        return threshold;
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
        int best = threshold == null ? scores.best(row) : side(scores.exact(row, 1));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put(field, best);
        addLabel(answer, best);
        return answer;
    }

    private int side(Number score) {
        if (Double.isNaN(score.doubleValue())) {
            throw new PipelineFaultException(
                    "the model's score is NaN, which is on no side of the threshold");
        }
        return Thresholds.reaches(score, threshold) ? 1 : 0;
    }
}
