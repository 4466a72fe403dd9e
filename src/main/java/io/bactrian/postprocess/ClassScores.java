package io.bactrian.postprocess;

import org.tensorflow.ndarray.Shape;

/**
 * The scores of classes per row: an output {@code [classes]} or {@code [rows, classes]}; or, of a
 * binary classifier, one score per row, that of class 1, where class 0 has 1 minus it.
 */
final class ClassScores {

    private final ModelOutput output;
    private final boolean binary;
    private final int classes;
    private final int rows;

    /**
     * @param output the scores, at least one
     * @param binary whether they are one per row
     */
    ClassScores(ModelOutput output, boolean binary) {
        Shape shape = output.shape();
        this.output = output;
        this.binary = binary;
        int columns = binary ? 1 : Math.toIntExact(shape.get(shape.numDimensions() - 1));
        classes = binary ? 2 : columns;
        rows = output.numbers().size() / columns;
    }

    int rows() {
        return rows;
    }

    int classes() {
        return classes;
    }

    /** {@return the score with all the digits of its dtype} */
    Number exact(int row, int classId) {
        if (!binary) {
            return output.numbers().exact(row * classes + classId);
        }
        Number score = output.numbers().exact(row);
        if (classId == 1) {
            return score;
        }
        if (score instanceof Float) {
            return 1 - score.floatValue();
        }
        return score instanceof Long ? 1 - score.longValue() : 1 - score.doubleValue();
    }

    double score(int row, int classId) {
        return binary
                ? exact(row, classId).doubleValue()
                : output.numbers().get(row * classes + classId);
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
