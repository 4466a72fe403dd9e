package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.camel.spi.Metadata;

/**
 * The postprocessor that answers the k classes with the highest scores, the highest first: {@code
 * {"predictions": [{"class_id": 3, "label": "cat", "score": 0.9}, …]}}. The order is that of {@code
 * numpy.argsort(-scores, kind="stable")}: of equal scores the lower class comes first, and NaN
 * comes last.
 *
 * <p>If it is {@code binary}, it reads one score per row, as a sigmoid gives it: the probability p
 * of class 1, where class 0 has 1 − p.
 */
@Metadata(
        label = "bean",
        description =
                "Answers the k classes with the highest scores, the highest first, such as"
                        + " {\"predictions\": [{\"class_id\": 3, \"label\": \"cat\", \"score\": 0.9}]};"
                        + " a list of that for several rows. The order is that of"
                        + " numpy.argsort(-scores): of equal scores the lower class comes first, and"
                        + " NaN comes last.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class TopKPostprocessor extends ScoresPostprocessor {

    @Metadata(description = "The number of classes to answer; all of them if there are fewer")
    private int k = 5;

    @Metadata(
            description =
                    "Whether the model gives one probability p per row, as of a sigmoid: class 0 has"
                            + " 1 - p, class 1 has p")
    private boolean binary;

    public TopKPostprocessor() {
        super("predictions");
    }

    public int getK() {
        return k;
    }

    /**
     * Sets the number of classes to answer, 5 by default; all of them if there are fewer.
     *
     * @throws PipelineFaultException below 1
     */
    public void setK(int k) {
        if (k < 1) {
            throw PipelineFaultException.property("k", "1 or more", k);
        }
        this.k = k;
    }

    /**
     * Sets whether the output is one score per row, the probability of class 1 of two; false by
     * default.
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
        return Map.of(getField(), top(scores, row));
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
                // Subtraction makes both zeros equal.
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
