package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

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

    @Metadata(
            description =
                    "The least score of a class in the answer, after the activation. Not set: any"
                            + " score")
    private @Nullable Double minScore;

    @Metadata(
            description =
                    "The name of the field with the class number. Empty: the number is left out")
    private String classField = "class_id";

    @Metadata(description = "The name of the field with the score. Empty: the score is left out")
    private String scoreField = "score";

    /** Creates a postprocessor with default properties. */
    public TopKPostprocessor() {
        super("predictions");
    }

    /** {@return the number of classes to answer; all of them if there are fewer} */
    public int getK() {
        return k;
    }

    /**
     * Sets the number of classes to answer.
     *
     * @param k 5 by default; all of them if there are fewer
     * @throws PipelineFaultException below 1
     */
    public void setK(int k) {
        if (k < 1) {
            throw PipelineFaultException.property("k", "1 or more", k);
        }
        this.k = k;
    }

    /**
     * Sets whether the output is one score per row, the probability of class 1 of two.
     *
     * @param binary false by default
     */
    public void setBinary(boolean binary) {
        this.binary = binary;
    }

    @Override
    public boolean isBinary() {
        return binary;
    }

    @Override
    String singleScoreHint() {
        return "set binary: true to answer both classes, with the scores 1 - p and p";
    }

    /** {@return the least score of a class in the answer; null for any score} */
    public @Nullable Double getMinScore() {
        return minScore;
    }

    /**
     * Sets the least score of a class in the answer.
     *
     * @param minScore null for any score, as by default
     * @throws PipelineFaultException if it is not finite
     */
    public void setMinScore(@Nullable Double minScore) {
        this.minScore = minScore == null ? null : (Double) Thresholds.finite("minScore", minScore);
    }

    /** {@return the name of the field with the class number} */
    public String getClassField() {
        return classField;
    }

    /**
     * Sets the name of the field with the class number.
     *
     * @param classField {@code class_id} by default
     */
    public void setClassField(String classField) {
        this.classField = classField;
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
    Map<String, String> fieldNames() {
        return Map.of(
                "classField", classField, "labelField", getLabelField(), "scoreField", scoreField);
    }

    @Override
    Object answer(Exchange exchange, ClassScores scores, int row) {
        if (binary) {
            scores.checkProbability(row, "binary");
        }
        return inField(top(scores, row));
    }

    private List<Object> top(ClassScores scores, int row) {
        AnswerMembers members = new AnswerMembers(classField, getLabelField(), scoreField);
        return IntStream.range(0, scores.classes())
                .boxed()
                // Subtraction makes both zeros equal.
                .sorted(Comparator.comparingDouble((Integer id) -> 0 - scores.score(row, id)))
                .limit(k)
                .filter(
                        id ->
                                minScore == null
                                        || Thresholds.reaches(scores.exact(row, id), minScore))
                .map(
                        id ->
                                members.answer(
                                        id,
                                        label(scores, row, id, classField),
                                        scores.exact(row, id)))
                .toList();
    }
}
