package io.bactrian.postprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.SignatureTensors;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NamedTensors;
import org.apache.camel.Exchange;
import org.tensorflow.ndarray.Shape;

/**
 * A postprocessor of the scores of classes in one output, {@code [classes]} or {@code [rows,
 * classes]}; or, if it is set to, of one score per row, {@code [rows, 1]}, {@code [rows]} or {@code
 * []}, that of class 1 of two. Scores of several rows become a list of answers.
 */
abstract class ScoresPostprocessor extends LabelledPostprocessor {

    ScoresPostprocessor(String field) {
        super(field);
    }

    /** {@return whether the output is one score per row} */
    abstract boolean isBinary();

    /** {@return which property to set for an output of one score per row, and its effect} */
    abstract String binaryHint();

    /** {@return the answer to one row} */
    abstract Object answer(ClassScores scores, int row);

    @Override
    final void check(SignatureTensors outputs, Labels labels) {
        ModelTensor declared = outputs.select(getOutput());
        if (declared.dataType() == DType.STRING.dataType()) {
            throw new PipelineFaultException("expected numbers, but " + declared);
        }
        Shape shape = declared.shape();
        if (shape.isUnknown()) {
            return;
        }
        checkShape(shape, declared.toString());
        long classes = isBinary() ? 2 : shape.get(shape.numDimensions() - 1);
        if (classes != Shape.UNKNOWN_SIZE) {
            labels.checkCount(Math.toIntExact(classes), declared.toString());
        }
    }

    @Override
    protected final Object answer(Exchange exchange, NamedTensors.Reference outputs) {
        ModelOutput read = read(outputs);
        checkShape(read.shape(), read.toString());
        if (read.shape().size() == 0) {
            throw new PipelineFaultException("expected scores, but " + read);
        }
        ClassScores scores = new ClassScores(read, isBinary());
        labels().checkCount(scores.classes(), read.toString());
        return perRow(exchange, scores.rows(), row -> answer(scores, row));
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
