package io.bactrian.postprocess;

import io.bactrian.tensor.NamedTensors;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Scores {@code [1, classes]} or {@code [classes]} to {@code {"predicted_class": argmax}}, with the
 * class's {@code "label"} where it has one. Scores of several rows become a list of such answers.
 */
public class ArgMaxPostprocessor extends LabelledPostprocessor {

    private String field = "predicted_class";

    /**
     * @param field the answer's field for the class, {@code predicted_class} by default
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
        return scores.each(
                row -> {
                    int best = scores.best(row);
                    Map<String, Object> answer = new LinkedHashMap<>();
                    answer.put(field, best);
                    addLabel(answer, best);
                    return answer;
                });
    }
}
