package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The scores of classes per row: an output {@code [classes]} or {@code [rows, classes]}; or, of a
 * binary classifier, one score per row, that of class 1, where class 0 has 1 minus it.
 */
final class ClassScores {

    private final Scores scores;
    private final boolean binary;
    private final int classes;
    private final int rows;
    private @Nullable OutputLabels labels;

    /**
     * @param output the scores or logits, at least one
     * @param binary whether they are one per row
     * @param activation what makes scores of them
     */
    ClassScores(ModelOutput output, boolean binary, Activation activation) {
        Shape shape = output.shape();
        this.binary = binary;
        int columns = binary ? 1 : Math.toIntExact(shape.get(shape.numDimensions() - 1));
        classes = binary ? 2 : columns;
        rows = output.numbers().size() / columns;
        scores = activation.apply(output.numbers(), columns);
    }

    /** Sets the classes' names by the model itself; null for none, as at first. */
    void setLabels(@Nullable OutputLabels labels) {
        this.labels = labels;
    }

    int rows() {
        return rows;
    }

    int classes() {
        return classes;
    }

    /** {@return the class's name by the model itself, or null if it gives none} */
    @Nullable Object label(int row, int classId) {
        return labels == null ? null : labels.name(row, classId);
    }

    /** {@return the score with all the digits of its dtype} */
    Number exact(int row, int classId) {
        if (!binary) {
            return scores.exact(row * classes + classId);
        }
        Number score = scores.exact(row);
        if (classId == 1) {
            return score;
        }
        if (score instanceof Float) {
            return 1 - score.floatValue();
        }
        return score instanceof Long ? 1 - score.longValue() : 1 - score.doubleValue();
    }

    double score(int row, int classId) {
        return binary ? exact(row, classId).doubleValue() : scores.get(row * classes + classId);
    }

    /**
     * Checks the score of class 1 of two, of which that of class 0 is worked out.
     *
     * @param property the property by which the answer has the score of class 0
     * @throws PipelineFaultException if it is not from 0 to 1
     */
    void checkProbability(int row, String property) {
        double score = score(row, 1);
        if (!(score >= 0 && score <= 1)) {
            throw new PipelineFaultException(
                    property
                            + ": the model's score is "
                            + score
                            + ", expected a probability from 0 to 1, as a sigmoid gives it; set"
                            + " activation: sigmoid if it is a logit");
        }
    }

    /**
     * {@return the class with the highest score; the first of equal ones, and NaN is the highest,
     * as in {@code numpy.argmax}}
     */
    int best(int row) {
        int best = 0;
        for (int i = 0; i < classes; i++) {
            double score = score(row, i);
            if (Double.isNaN(score)) {
                return i;
            }
            if (score > score(row, best)) {
                best = i;
            }
        }
        return best;
    }
}
