package io.bactrian.model.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** The elements of small numeric constants, in any of the encodings of a TensorProto. */
final class ConstantNumbers {

    private ConstantNumbers() {}

    /**
     * {@return the elements; null if they are more than {@code max}, of an unknown shape, or of a
     * dtype other than float32, float64, int32 and int64}
     */
    static double @Nullable [] of(TensorProto value, int max) {
        long count = 1;
        for (TensorShapeProto.Dim dim : value.getTensorShape().getDimList()) {
            count = count > max ? count : count * dim.getSize();
        }
        if (value.getTensorShape().getUnknownRank() || count < 1 || count > max) {
            return null;
        }
        if (value.getDtype() == DataType.DT_FLOAT) {
            return floats(value, (int) count, Float.BYTES, value.getFloatValList());
        }
        if (value.getDtype() == DataType.DT_DOUBLE) {
            return floats(value, (int) count, Double.BYTES, value.getDoubleValList());
        }
        long[] integers = ConstantIntegers.of(value, (int) count);
        return integers == null ? null : Arrays.stream(integers).asDoubleStream().toArray();
    }

    private static double @Nullable [] floats(
            TensorProto value, int count, int size, List<? extends Number> given) {
        double[] numbers = new double[count];
        if (!value.getTensorContent().isEmpty()) {
            ByteBuffer bytes =
                    value.getTensorContent().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            if (bytes.remaining() != (long) count * size) {
                return null;
            }
            for (int i = 0; i < count; i++) {
                numbers[i] = size == Float.BYTES ? bytes.getFloat() : bytes.getDouble();
            }
            return numbers;
        }
        // The last element is repeated; no elements mean zeros.
        for (int i = 0; i < count && !given.isEmpty(); i++) {
            numbers[i] = given.get(Math.min(i, given.size() - 1)).doubleValue();
        }
        return numbers;
    }
}
