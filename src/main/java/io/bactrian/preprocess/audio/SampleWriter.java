package io.bactrian.preprocess.audio;

import io.bactrian.tensor.DType;
import java.nio.ByteBuffer;

/**
 * Writes numbers into a tensor's memory as its dtype: float32, float64, int32 or int64.
 *
 * @param memory the memory, from the position on
 * @param dtype the dtype
 * @param fullScale the value of full amplitude, the limit of integers
 */
record SampleWriter(ByteBuffer memory, DType dtype, double fullScale) {

    void write(double value) {
        switch (dtype) {
            case FLOAT32 -> memory.putFloat((float) value);
            case FLOAT64 -> memory.putDouble(value);
            case INT32 -> memory.putInt((int) integer(value));
            default -> memory.putLong((long) integer(value));
        }
    }

    /** {@return the nearest integer, ties to even, that the format of samples has} */
    private double integer(double value) {
        return Math.max(-fullScale, Math.min(Math.rint(value), fullScale - 1));
    }
}
