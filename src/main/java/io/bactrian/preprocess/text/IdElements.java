package io.bactrian.preprocess.text;

import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.tensor.TensorBuffer;

/** Ids as the elements of a tensor of any numeric dtype: some models take them as floats. */
public final class IdElements {

    private IdElements() {}

    /**
     * Adds an id to a tensor.
     *
     * @param id the id
     * @param elements the elements of the tensor, to which it is appended
     * @throws PipelineFaultException if it is out of the dtype's range
     */
    public static void add(long id, TensorBuffer elements) {
        switch (elements.dtype()) {
            case FLOAT32 -> elements.addFloat((float) id);
            case FLOAT64, FLOAT16, BFLOAT16 -> elements.addDouble((double) id);
            default -> {
                if (!elements.addInteger(id)) {
                    throw new PipelineFaultException(
                            "id " + id + " is out of the range of " + elements.dtype());
                }
            }
        }
    }
}
