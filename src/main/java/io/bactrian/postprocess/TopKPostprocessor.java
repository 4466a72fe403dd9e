package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Scores {@code [1, classes]} or {@code [classes]} to the k highest, the highest first: {@code
 * {"predictions": [{"class_id": 3, "label": "cat", "score": 0.9}, …]}}. The order is that of {@code
 * numpy.argsort(-scores, kind="stable")}: of equal scores the lower class comes first, and NaN
 * comes last. Scores of several rows become a list of such answers.
 *
 * <p>If it is {@code binary}, it reads one number per row, as a sigmoid gives it: the probability p
 * of class 1, where class 0 has 1 − p.
 */
public class TopKPostprocessor extends ScoresPostprocessor {

    private int k = 5;
    private String field = "predictions";
    private boolean binary;

    /**
     * @param k the most classes to answer, 5 by default; all if there are fewer
     * @throws IllegalArgumentException below 1
     */
    public void setK(int k) {
        if (k < 1) {
            throw new IllegalArgumentException("k must be 1 or more, got " + k);
        }
        this.k = k;
    }

    public int getK() {
        return k;
    }

    /**
     * @param field the answer's field for the list, {@code predictions} by default
     */
    public void setField(String field) {
        this.field = field;
    }

    public String getField() {
        return field;
    }

    /**
     * @param binary whether the output is one number per row, the probability of class 1 of two;
     *     false by default
     */
    public void setBinary(boolean binary) {
        this.binary = binary;
    }

    @Override
    public boolean isBinary() {
        return binary;
    }

    @Override
    String binaryHint() {
        return "set binary: true to answer both classes, with the scores 1 - p and p";
    }

    @Override
    Object answer(ClassScores scores, int row) {
        if (binary) {
            checkProbability(scores.score(row, 1));
        }
        return Map.of(field, top(scores, row));
    }

    private static void checkProbability(double score) {
        if (!(score >= 0 && score <= 1)) {
            throw new PipelineFaultException(
                    "binary: the model's score is "
                            + score
                            + ", expected a probability from 0 to 1, as a sigmoid gives it");
        }
    }

    private List<Map<String, Object>> top(ClassScores scores, int row) {
        return IntStream.range(0, scores.classes())
                .boxed()
                // Subtracted, so that both zeros are equal.
                .sorted(Comparator.comparingDouble((Integer id) -> 0 - scores.score(row, id)))
                .limit(k)
                .map(
                        id -> {
                            Map<String, Object> answer = new LinkedHashMap<>();
                            answer.put("class_id", id);
                            addLabel(answer, id);
                            answer.put("score", scores.exact(row, id));
                            return answer;
                        })
                .toList();
    }
}
