package io.bactrian.preprocess;

import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.ndarray.Shape;

/**
 * The rank of a tensor with a string for each item of a request, by what the model takes: {@code
 * []} for a single one, {@code [n]} or {@code [n, 1]}.
 *
 * @param rank 0 to 2
 * @param noun what an item is, for errors, such as {@code text}
 */
record ItemRank(int rank, String noun) {

    private static final int MAX_RANK = 2;

    /**
     * {@return the rank that models take; 1 where none is known}
     *
     * @throws PipelineFaultException if an input takes no strings, or no single item, or two differ
     */
    static ItemRank of(List<ModelTensor> inputs, String noun) {
        Preprocessor.dtype(DType.STRING, inputs, dtype -> true, DType.STRING);
        Shape first = null;
        for (ModelTensor each : inputs) {
            if (each.shape().isUnknown()) {
                continue;
            }
            Shape taken = ones(each.shape().numDimensions());
            if (taken.numDimensions() > MAX_RANK || !each.spec().accepts(taken)) {
                throw new PipelineFaultException("makes one " + noun + ", but " + each);
            }
            if (first != null && !taken.equals(first)) {
                throw new PipelineFaultException(
                        "feeds a model that takes "
                                + TensorSpec.format(first)
                                + " too: use another bean of it where "
                                + each);
            }
            first = taken;
        }
        return new ItemRank(first == null ? 1 : first.numDimensions(), noun);
    }

    private static Shape ones(int rank) {
        long[] sizes = new long[rank];
        Arrays.fill(sizes, 1);
        return Shape.of(sizes);
    }

    /**
     * {@return the shape of the tensor of a number of items}
     *
     * @throws BadInputException if the model takes one at a time, and they are more
     */
    Shape shape(int count) {
        if (rank == 0 && count > 1) {
            throw new BadInputException(
                    "the request has "
                            + count
                            + " "
                            + noun
                            + "s, but the model takes one at a time");
        }
        return rank == 0 ? Shape.scalar() : rank == 1 ? Shape.of(count) : Shape.of(count, 1);
    }
}
