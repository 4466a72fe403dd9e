package io.bactrian.model;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.NumericElements;
import io.bactrian.tensor.StringTensors;
import java.util.Arrays;
import org.tensorflow.types.family.TType;

/** The comparison of tensors for equality, with a tolerance for floating-point numbers. */
final class TensorComparison {

    private TensorComparison() {}

    /**
     * {@return whether two tensors have the same dtype, shape and elements; float32 and float64
     * elements may differ by the tolerance}
     *
     * @param tolerance relative to the largest finite magnitude in {@code expected}, or to 1 if
     *     that is larger
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
        double maxDifference =
                dtype == DType.FLOAT32 || dtype == DType.FLOAT64 ? tolerance * largest : 0;
        for (int i = 0; i < a.size(); i++) {
            boolean same = Double.compare(a.get(i), b.get(i)) == 0;
            if (!same && !(Math.abs(a.get(i) - b.get(i)) <= maxDifference)) {
                return false;
            }
        }
        return true;
    }
}
