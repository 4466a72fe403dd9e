package io.bactrian.postprocess;

import io.bactrian.tensor.Numbers;
import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * A classifier's output: scores {@code [classes]}, or {@code [rows, classes]} for several inputs.
 */
final class ClassScores {

    private final Numbers scores;
    private final int classes;
    private final int rows;
    private final boolean single;

    ClassScores(TType output) {
        Shape shape = output.shape();
        if (shape.numDimensions() < 1 || shape.numDimensions() > 2 || shape.size() == 0) {
            throw new IllegalArgumentException(
                    "expected scores of shape [classes] or [rows, classes], the model gave "
                            + TensorSpec.format(shape));
        }
        scores = Numbers.of(output);
        classes = Math.toIntExact(shape.get(shape.numDimensions() - 1));
        rows = scores.size() / classes;
        single = rows == 1;
    }

    int classes() {
        return classes;
    }

    double score(int row, int classId) {
        return scores.get(row * classes + classId);
    }

    /**
     * @return the class with the highest score; of equal ones the first, and NaN counts as highest,
     *     as with {@code numpy.argmax}
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

    /**
     * @return what {@code answer} gives for the only row, or the list of what it gives for each
     */
    Object each(IntFunction<Object> answer) {
        if (single) {
            return answer.apply(0);
        }
        List<Object> answers = new ArrayList<>(rows);
        for (int row = 0; row < rows; row++) {
            answers.add(answer.apply(row));
        }
        return answers;
    }
}
