package io.bactrian.model;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.NumericElements;
import io.bactrian.tensor.StringTensors;
import java.util.Arrays;
import org.tensorflow.types.family.TType;

/** Whether two tensors hold the same values, floating-point numbers within a tolerance. */
final class TensorComparison {

    private TensorComparison() {}

    /**
     * {@return whether two tensors are of one dtype and shape, float32 and float64 numbers within
     * the tolerance, anything else equal}
     *
     * @param tolerance a share of the largest finite magnitude in {@code expected}, or of 1
     */
    static boolean agree(TType expected, TType actual, double tolerance) {
        if (expected.dataType() != actual.dataType() || !expected.shape().equals(actual.shape())) {
            return false;
        }
        DType dtype = DType.of(expected);
        if (dtype == DType.STRING) {
            return Arrays.deepEquals(StringTensors.bytes(expected), StringTensors.bytes(actual));
        }
        if (dtype == DType.BOOL) {
            return NativeMemory.of(expected).equals(NativeMemory.of(actual));
        }
        NumericElements a = NumericElements.of(expected);
        NumericElements b = NumericElements.of(actual);
        double largest = 1;
        for (int i = 0; i < a.size(); i++) {
            if (Double.isFinite(a.get(i))) {
                largest = Math.max(largest, Math.abs(a.get(i)));
            }
        }
        double most = dtype == DType.FLOAT32 || dtype == DType.FLOAT64 ? tolerance * largest : 0;
        for (int i = 0; i < a.size(); i++) {
            boolean same = Double.compare(a.get(i), b.get(i)) == 0;
            if (!same && !(Math.abs(a.get(i) - b.get(i)) <= most)) {
                return false;
            }
        }
        return true;
    }
}
