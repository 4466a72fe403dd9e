package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * The postprocessor of a multi-label classifier, which has an independent score for each class, as
 * sigmoids give them: {@code {"labels": [{"label": "cat", "score": 0.9}, …]}}, the classes whose
 * scores are at least the threshold.
 */
@Metadata(
        label = "bean",
        description =
                "Answers the classes whose scores are at least a threshold, for a model with"
                        + " independent scores, as of sigmoids: {\"labels\": [{\"label\": \"cat\","
                        + " \"score\": 0.9}]}; a list of that for several rows.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public class MultiLabelPostprocessor extends ScoresPostprocessor {

    @Metadata(
            description =
                    "The least score of a class in the answer, after the activation: one number, or"
                            + " one per class with commas between")
    private String threshold = "0.5";

    @Metadata(description = "Whether a score that equals its threshold is left out")
    private boolean strict;

    @Metadata(
            description =
                    "The order of the classes: class by number, score from the highest score on, of"
                            + " equal ones the lower class first")
    private LabelOrder order = LabelOrder.CLASS;

    @Metadata(
            description =
                    "The name of the field with the class number. Not set: class_id if there are no"
                            + " labels, else the number is left out, as it is if this is empty")
    private @Nullable String classField;

    @Metadata(
            description =
                    "The name of the field with the score, after the activation. Empty: the score"
                            + " is left out; if the class number is too and labelField is empty, the"
                            + " list has the labels alone")
    private String scoreField = "score";

    @Metadata(
            description =
                    "The name of the field with the list of all classes' scores, after the activation,"
                            + " beside the list of classes. Empty: it is left out")
    private String scoresField = "";

    @Metadata(
            description =
                    "The name of the field with a list that has 1 for each class that passes its"
                            + " threshold and 0 for the others. Empty: it is left out")
    private String decisionsField = "";

    private double[] thresholds = {0.5};

    /** Creates a postprocessor with default properties. */
    public MultiLabelPostprocessor() {
        super("labels");
    }

    /**
     * {@return the least score of a class in the answer: one number, or one per class with commas
     * between}
     */
    public String getThreshold() {
        return threshold;
    }

    /**
     * Sets the least score of a class in the answer, 0.5 by default: one number, or one per class
     * with commas between.
     *
     * @param threshold 0.5 by default; one number, or one per class with commas between
     * @throws PipelineFaultException if it is not finite numbers
     */
    public void setThreshold(String threshold) {
        try {
            thresholds =
                    Stream.of(threshold.split(",", -1))
                            .mapToDouble(each -> Thresholds.finite(Double.parseDouble(each)))
                            .toArray();
        } catch (NumberFormatException e) {
            throw PipelineFaultException.property(
                    "threshold", "a number, or numbers with commas between", threshold);
        }
        this.threshold = threshold;
    }

    /** {@return whether a score that equals its threshold is left out} */
    public boolean isStrict() {
        return strict;
    }

    /**
     * Sets whether a score that equals its threshold is left out.
     *
     * @param strict false by default
     */
    public void setStrict(boolean strict) {
        this.strict = strict;
    }

    /** {@return the order of the classes} */
    public LabelOrder getOrder() {
        return order;
    }

    /**
     * Sets the order of the classes.
     *
     * @param order {@link LabelOrder#CLASS} by default
     */
    public void setOrder(LabelOrder order) {
        this.order = order;
    }

    /**
     * {@return the name of the field with the class number; null for {@code class_id} if there are
     * no labels, else none}
     */
    public @Nullable String getClassField() {
        return classField;
    }

    /**
     * Sets the name of the field with the class number.
     *
     * @param classField null, as by default, for {@code class_id} if there are no labels, else none
     */
    public void setClassField(@Nullable String classField) {
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

    /** {@return the name of the field with 1 or 0 for each class; empty to leave it out} */
    public String getDecisionsField() {
        return decisionsField;
    }

    /**
     * Sets the name of the field with 1 for each class that passes its threshold, else 0.
     *
     * @param decisionsField empty, as by default, to leave it out
     */
    public void setDecisionsField(String decisionsField) {
        this.decisionsField = decisionsField;
    }

    @Override
    void checkProperties() {
        super.checkProperties();
        if (getField().isEmpty() && !(scoresField.isEmpty() && decisionsField.isEmpty())) {
            throw new PipelineFaultException(
                    (scoresField.isEmpty() ? "decisionsField" : "scoresField")
                            + " is set, but field is empty, so that the answer has no fields");
        }
        AnswerMembers.checkDistinct(
                Map.of(
                        "field",
                        getField(),
                        "scoresField",
                        scoresField,
                        "decisionsField",
                        decisionsField));
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
        return Map.of(
                "classField",
                classField(),
                "labelField",
                getLabelField(),
                "scoreField",
                scoreField);
    }

    private String classField() {
        if (classField != null) {
            return classField;
        }
        return getLabels() == null && getLabelsFile() == null ? "class_id" : "";
    }

    @Override
    void checkClasses(int classes, String output) {
        if (thresholds.length != 1 && thresholds.length != classes) {
            throw new PipelineFaultException(
                    "threshold has "
                            + thresholds.length
                            + " numbers for "
                            + (classes == 1 ? "1 class" : classes + " classes")
                            + ": "
                            + output);
        }
    }

    @Override
    Object answer(Exchange exchange, ClassScores scores, int row) {
        AnswerMembers members = new AnswerMembers(classField(), getLabelField(), scoreField);
        Stream<Integer> found =
                IntStream.range(0, scores.classes()).filter(id -> passes(scores, row, id)).boxed();
        if (order == LabelOrder.SCORE) {
            // Subtraction makes both zeros equal.
            found = found.sorted(Comparator.comparingDouble(id -> 0 - scores.score(row, id)));
        }
        List<Object> classes =
                found.map(
                                id ->
                                        members.answer(
                                                id,
                                                label(scores, row, id, classField()),
                                                scores.exact(row, id)))
                        .toList();
        if (scoresField.isEmpty() && decisionsField.isEmpty()) {
            return inField(classes);
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        if (!scoresField.isEmpty()) {
            fields.put(scoresField, ofAll(scores, id -> scores.exact(row, id)));
        }
        if (!decisionsField.isEmpty()) {
            fields.put(decisionsField, ofAll(scores, id -> passes(scores, row, id) ? 1 : 0));
        }
        fields.put(getField(), classes);
        return fields;
    }

    private static List<Number> ofAll(ClassScores scores, IntFunction<Number> value) {
        return IntStream.range(0, scores.classes()).mapToObj(value).toList();
    }

    private boolean passes(ClassScores scores, int row, int classId) {
        return Thresholds.passes(scores.exact(row, classId), threshold(classId), strict);
    }

    private double threshold(int classId) {
        return thresholds[thresholds.length == 1 ? 0 : classId];
    }
}
