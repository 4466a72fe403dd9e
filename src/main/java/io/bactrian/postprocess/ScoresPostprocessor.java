package io.bactrian.postprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.NamedTensors;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * A postprocessor of the scores of classes in one output, {@code [classes]} or {@code [rows,
 * classes]}; or, if it is binary, of one score per row, {@code [rows, 1]}, {@code [rows]} or {@code
 * []}, that of class 1 of two. Scores of several rows become a list of answers.
 */
abstract class ScoresPostprocessor extends LabelledPostprocessor {

    @Metadata(
            description =
                    "What makes scores of the model's output: none for scores, softmax or sigmoid"
                            + " for logits. As scipy.special.softmax and expit, in float32 if the"
                            + " output is float32, float16 or bfloat16, else in float64")
    private Activation activation = Activation.NONE;

    @Metadata(
            description =
                    "The name of the field with the class's label, if it has one. Empty: the label"
                            + " is left out")
    private String labelField = "label";

    @Metadata(
            description =
                    "The model's output with the names of the classes, strings beside the scores, such"
                            + " as the classes of TensorFlow's classify signatures. Not set: the"
                            + " names are in labels or labelsFile, or classes have none")
    private @Nullable String labelsOutput;

    ScoresPostprocessor(String field) {
        super(field);
    }

    public Activation getActivation() {
        return activation;
    }

    /** Sets what makes scores of the model's output; {@link Activation#NONE} by default. */
    public void setActivation(Activation activation) {
        this.activation = activation;
    }

    public String getLabelField() {
        return labelField;
    }

    /** Sets the name of the field with the class's label, {@code label} by default. */
    public void setLabelField(String labelField) {
        this.labelField = labelField;
    }

    public @Nullable String getLabelsOutput() {
        return labelsOutput;
    }

    /**
     * Sets the model's output with the names of the classes, strings of the scores' shape; null, as
     * by default, if the names are in {@code labels} or {@code labelsFile}, or there are none.
     */
    public void setLabelsOutput(@Nullable String labelsOutput) {
        this.labelsOutput = labelsOutput;
    }

    /** {@return whether the output is one score per row, that of class 1 of two} */
    abstract boolean isBinary();

    /**
     * {@return which property to set for an output of one score per row, and its effect; null if
     * this step takes that}
     */
    abstract @Nullable String singleScoreHint();

    /** {@return the names of the answer's fields, empty where left out, by property} */
    abstract Map<String, String> fieldNames();

    /**
     * {@return the answer to one row}
     *
     * @param exchange with what preprocessors have kept for this step
     */
    abstract Object answer(Exchange exchange, ClassScores scores, int row);

    /**
     * Checks properties that depend on the number of classes.
     *
     * @param output the output that has a score for each class, for the message
     * @throws PipelineFaultException if they are for another number
     */
    void checkClasses(int classes, String output) {}

    @Override
    void checkProperties() {
        super.checkProperties();
        if (labelsOutput != null && (getLabels() != null || getLabelsFile() != null)) {
            throw new PipelineFaultException(
                    "labelsOutput and "
                            + (getLabels() != null ? "labels" : "labelsFile")
                            + " are both set: keep one of them");
        }
        if (isBinary() && activation == Activation.SOFTMAX) {
            throw new PipelineFaultException(
                    "activation is softmax, which makes 1 of a single score per row: set"
                            + " activation: sigmoid");
        }
        AnswerMembers.checkDistinct(fieldNames());
    }

    @Override
    final void check(SignatureTensors outputs, Labels labels) {
        ModelTensor declared = numeric(outputs, getOutput());
        if (labelsOutput != null) {
            OutputLabels.check(outputs, labelsOutput);
        }
        Shape shape = declared.shape();
        if (shape.isUnknown()) {
            return;
        }
        checkShape(shape, declared.toString());
        long classes = isBinary() ? 2 : shape.get(shape.numDimensions() - 1);
        if (classes != Shape.UNKNOWN_SIZE) {
            labels.checkCount(Math.toIntExact(classes), declared.toString());
            checkClasses(Math.toIntExact(classes), declared.toString());
        }
    }

    @Override
    protected final Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        ModelOutput read = read(outputs);
        checkShape(read.shape(), read.toString());
        if (read.shape().size() == 0) {
            throw new PipelineFaultException("expected scores, but " + read);
        }
        ClassScores scores = new ClassScores(read, isBinary(), activation);
        if (labelsOutput != null) {
            scores.setLabels(
                    OutputLabels.of(outputs, labelsOutput, scores.rows(), scores.classes()));
        }
        labels().checkCount(scores.classes(), read.toString());
        checkClasses(scores.classes(), read.toString());
        return perRow(exchange, scores.rows(), row -> answer(exchange, scores, row));
    }

    private void checkShape(Shape shape, String described) {
        int rank = shape.numDimensions();
        long columns = rank == 0 ? 1 : shape.get(rank - 1);
        if (isBinary()) {
            if (rank > 2 || (rank == 2 && columns != 1 && columns != Shape.UNKNOWN_SIZE)) {
                throw new PipelineFaultException(
                        "expected one score per row, of shape [rows, 1], [rows] or [], but "
                                + described);
            }
            return;
        }
        String hint = singleScoreHint();
        if (rank > 2 || (rank == 0 && hint == null)) {
            throw new PipelineFaultException(
                    "expected scores of shape [classes] or [rows, classes], but " + described);
        }
        if (columns == 1 && hint != null) {
            throw new PipelineFaultException(
                    described
                            + ": a single score per row leaves no class to choose; from a sigmoid"
                            + " it is the probability of class 1: "
                            + hint);
        }
    }

    /**
     * {@return the class's name; null if no class has one} Where some have names and the class
     * number is not in the answer, it is the name of a class without one.
     *
     * @param classField the name of the class number's field, empty if it is left out
     */
    final @Nullable Object label(ClassScores scores, int row, int classId, String classField) {
        Object given = scores.label(row, classId);
        Object name = given == null ? labels().name(classId) : given;
        return name == null && classField.isEmpty() && labels() != Labels.NONE
                ? String.valueOf(classId)
                : name;
    }
}
