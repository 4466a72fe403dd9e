package io.bactrian.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

/**
 * The declaration of one of a signature's inputs or outputs.
 *
 * @param name the name in the signature, such as {@code text}
 * @param tensorName the tensor's name in the graph, such as {@code serving_default_text:0}
 * @param dataType the data type, which TensorFlow Java may not support ({@link DType#isSupported})
 * @param shape the shape, with -1 for a dimension of any size; {@link Shape#unknown()} if the rank
 *     is unknown
 */
public record TensorSpec(String name, String tensorName, DataType dataType, Shape shape) {

    /**
     * {@return the tensor's dtype}
     *
     * @throws IllegalArgumentException if TensorFlow Java does not support it
     */
    public DType dtype() {
        return DType.of(dataType);
    }

    /**
     * {@return whether a shape has the declared rank and dimensions; the first dimension (the batch
     * dimension) and dimensions unknown in either shape are ignored}
     *
     * @param actual a tensor's shape, which may have unknown dimensions
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
     * {@return whether another tensor has the same name, dtype and shape, so that one step can feed
     * or read both; the names in the graphs may differ}
     *
     * @param other the declaration in another signature
     */
    public boolean isInterchangeableWith(TensorSpec other) {
        return name.equals(other.name)
                && dataType == other.dataType
                && equalShapes(shape, other.shape);
    }

    /** Compares the shape by {@link #equalShapes}. */
    @Override
    public boolean equals(Object other) {
        return other instanceof TensorSpec spec
                && tensorName.equals(spec.tensorName)
                && isInterchangeableWith(spec);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, tensorName, dataType, Arrays.hashCode(shape.asArray()));
    }

    /**
     * {@return whether two shapes have the same dimensions, where unknown equals unknown; {@link
     * Shape#equals} is false for shapes with an unknown dimension}
     *
     * @param one a shape
     * @param other another one
     */
    public static boolean equalShapes(Shape one, Shape other) {
        return Arrays.equals(one.asArray(), other.asArray());
    }

    /**
     * {@return a shape as text, such as {@code [-1, 224, 224, 3]}; {@code []} for a scalar; {@code
     * unknown} if the rank is unknown}
     *
     * @param shape any shape
     */
    public static String format(Shape shape) {
        if (shape.isUnknown()) {
            return "unknown";
        }
        return Arrays.toString(shape.asArray());
    }

    /**
     * {@return the tensors' names in the graph}
     *
     * @param specs the inputs or outputs of a signature by name
     */
    public static List<String> tensorNames(Map<String, TensorSpec> specs) {
        return specs.values().stream().map(TensorSpec::tensorName).toList();
    }

    /** {@return the dtype and shape, such as {@code float32 [-1, 224, 224, 3]}} */
    public String describe() {
        return DType.nameOf(dataType) + " " + format(shape);
    }
}
