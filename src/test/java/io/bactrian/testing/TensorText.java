package io.bactrian.testing;

import io.bactrian.tensor.NumericElements;
import io.bactrian.tensor.TensorSpec;
import org.tensorflow.types.family.TType;

/** A tensor of whole numbers as a line of text. */
public final class TensorText {

    private TensorText() {}

    /** {@return such as {@code int32 [1, 3] 2 5 3}} */
    public static String of(TType tensor) {
        NumericElements numbers = NumericElements.of(tensor);
        StringBuilder text =
                new StringBuilder(numbers.dtype() + " " + TensorSpec.format(tensor.shape()));
        for (int i = 0; i < numbers.size(); i++) {
            text.append(' ').append((long) numbers.get(i));
        }
        return text.toString();
    }
}
