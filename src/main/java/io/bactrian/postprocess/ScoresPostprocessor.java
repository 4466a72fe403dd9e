package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import org.tensorflow.ndarray.Shape;

/**
 * A step that reads the scores of classes from one output, {@code [classes]} or {@code [rows,
 * classes]}; or, if it is set to, one number per row, {@code [rows, 1]}, {@code [rows]} or {@code
 * []}, the score of class 1 of two. Scores of several rows become a list of answers.
 */
abstract class ScoresPostprocessor extends LabelledPostprocessor {

    private String output;

    /**
     * @param output the model's output to read; not needed where it has one output
     */
    public void setOutput(String output) {
        this.output = output;
    }

    public String getOutput() {
        return output;
    }

    /** Whether the output is one number per row. */
    abstract boolean isBinary();

    /** What to set for an output of one number per row, and what it does. */
    abstract String binaryHint();

    /** The answer for one row. */
    abstract Object answer(ClassScores scores, int row);

    @Override
    final void check(SignatureTensors outputs) {
        TensorSpec spec = outputs.select(output);
        String described = outputs.describe(spec);
        if (spec.dataType() == DType.STRING.dataType()) {
            throw new PipelineFaultException("expected numbers, but " + described);
        }
        Shape shape = spec.shape();
        if (shape.isUnknown()) {
            return;
        }
        checkShape(shape, described);
        long classes = isBinary() ? 2 : shape.get(shape.numDimensions() - 1);
        if (classes != Shape.UNKNOWN_SIZE) {
            labels().checkCount(Math.toIntExact(classes), described);
        }
    }

    @Override
    final Object answer(NamedTensors.Reference outputs) {
        ModelOutput read = ModelOutput.of(outputs, output);
        checkShape(read.shape(), read.toString());
        if (read.shape().size() == 0) {
            throw new PipelineFaultException("expected scores, but " + read);
        }
        ClassScores scores = new ClassScores(read, isBinary());
        labels().checkCount(scores.classes(), read.toString());
        return scores.each(row -> answer(scores, row));
    }

    private void checkShape(Shape shape, String described) {
        int rank = shape.numDimensions();
        long columns = rank == 0 ? 1 : shape.get(rank - 1);
        if (isBinary()) {
            if (rank > 2 || rank == 2 && columns != 1 && columns != Shape.UNKNOWN_SIZE) {
                throw new PipelineFaultException(
                        "expected one score per row, of shape [rows, 1], [rows] or [], but "
                                + described);
            }
        } else if (rank > 2) {
            throw new PipelineFaultException(
                    "expected scores of shape [classes] or [rows, classes], but " + described);
        } else if (columns == 1) {
            throw new PipelineFaultException(
                    described
                            + ": a single score per row leaves no class to choose; from a sigmoid"
                            + " it is the probability of class 1: "
                            + binaryHint());
        }
    }
}
