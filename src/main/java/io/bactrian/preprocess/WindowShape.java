package io.bactrian.preprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The shape of a window of rows, [steps, width] or [steps], for an input with a batch before it.
 */
final class WindowShape {

    private WindowShape() {}

    /** {@return the number of elements that an input takes of a row; -1 if that is open} */
    static long width(ModelTensor input) {
        Shape shape = input.shape();
        if (shape.isUnknown() || shape.numDimensions() < 2) {
            return Shape.UNKNOWN_SIZE;
        }
        return shape.numDimensions() == 2 ? 1 : shape.get(2);
    }

    /**
     * {@return the window's shape, with -1 for steps that are open}
     *
     * @param length the number of steps; null for as many as the input takes
     * @param width the number of elements of a row
     * @param input the input; null if none is known
     * @throws PipelineFaultException if it takes no such window
     */
    static Shape of(@Nullable Integer length, int width, @Nullable ModelTensor input) {
        int set = length == null ? Math.toIntExact(Shape.UNKNOWN_SIZE) : length;
        if (input == null || input.shape().isUnknown()) {
            return Shape.of(set, width);
        }
        Shape shape = input.shape();
        int rank = shape.numDimensions();
        long taken = width(input);
        boolean fits =
                (rank == 2 || rank == 3)
                        && (taken == width || taken == Shape.UNKNOWN_SIZE)
                        && (length == null
                                || shape.get(1) == set
                                || shape.get(1) == Shape.UNKNOWN_SIZE);
        if (!fits) {
            throw new PipelineFaultException(
                    "makes "
                            + (length == null ? "" : length + " rows of ")
                            + width
                            + (width == 1 ? " element" : " elements")
                            + (length == null ? " of a row" : "")
                            + ", but "
                            + input);
        }
        long steps = length == null ? shape.get(1) : set;
        return rank == 2 ? Shape.of(steps) : Shape.of(steps, width);
    }
}
