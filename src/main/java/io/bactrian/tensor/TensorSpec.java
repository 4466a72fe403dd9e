package io.bactrian.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

/**
 * The declaration of one of a signature's inputs or outputs.
 *
 * @param name its name in the signature, such as {@code text}
 * @param tensorName the tensor's name in the graph, such as {@code serving_default_text:0}
 * @param dataType its dtype, which TensorFlow Java may lack ({@link DType#isSupported})
 * @param shape its shape: a dimension of any size is -1; {@link Shape#unknown()} if the rank is not
 *     known
 */
public record TensorSpec(String name, String tensorName, DataType dataType, Shape shape) {

    /**
     * {@return the tensor's dtype}
     *
     * @throws IllegalArgumentException if TensorFlow Java lacks it
     */
    public DType dtype() {
        return DType.of(dataType);
    }

    /**
     * {@return whether {@code actual} has this spec's rank and every dimension that both fix, the
     * first (the batch) aside}
     *
     * @param actual a tensor's shape, or as much as is known of it
     */
    public boolean accepts(Shape actual) {
        if (shape.isUnknown()) {
            return true;
        }
        if (shape.numDimensions() != actual.numDimensions()) {
            return false;
        }
        for (int i = 1; i < shape.numDimensions(); i++) {
            long size = shape.get(i);
            long given = actual.get(i);
            if (size != Shape.UNKNOWN_SIZE && given != Shape.UNKNOWN_SIZE && size != given) {
                return false;
            }
        }
        return true;
    }

    /**
     * {@return a shape as numpy and TensorFlow write it: {@code [-1, 224, 224, 3]}, {@code []} for
     * a scalar, {@code unknown}}
     */
    public static String format(Shape shape) {
        if (shape.isUnknown()) {
            return "unknown";
        }
        return Arrays.toString(shape.asArray());
    }

    /** {@return the tensors' names in the graph} */
    public static List<String> tensorNames(Map<String, TensorSpec> specs) {
        return specs.values().stream().map(TensorSpec::tensorName).toList();
    }

    /** {@return such as {@code float32 [-1, 224, 224, 3]}} */
    public String describe() {
        return DType.nameOf(dataType) + " " + format(shape);
    }
}
