package io.bactrian.postprocess;

import io.bactrian.tensor.NamedTensors;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Scores {@code [1, classes]} or {@code [classes]} to the k highest, the highest first: {@code
 * {"predictions": [{"class_id": 3, "label": "cat", "score": 0.9}, …]}}. Of equal scores the lower
 * class comes first. Scores of several rows become a list of such answers.
 */
public class TopKPostprocessor extends LabelledPostprocessor {

    private int k = 5;
    private String field = "predictions";

    /**
     * @param k how many classes to tell at most, 5 by default
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

    @Override
    Object answer(NamedTensors outputs) {
        ClassScores scores = new ClassScores(outputs.select(getOutput()));
        return scores.each(row -> Map.of(field, top(scores, row)));
    }

    private List<Map<String, Object>> top(ClassScores scores, int row) {
        return IntStream.range(0, scores.classes())
                .boxed()
                .sorted(Comparator.comparingDouble((Integer id) -> -scores.score(row, id)))
                .limit(k)
                .map(
                        id -> {
                            Map<String, Object> answer = new LinkedHashMap<>();
                            answer.put("class_id", id);
                            addLabel(answer, id);
                            answer.put("score", (float) scores.score(row, id));
                            return answer;
                        })
                .toList();
    }
}
