package io.bactrian.model.graph;

import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;

/** The elements of integer constants, in any of the encodings of a TensorProto. */
final class ConstantIntegers {

    private ConstantIntegers() {}

    /**
     * {@return the elements; null if they are neither int32 nor int64, or not encoded as TensorFlow
     * does}
     *
     * @param count how many elements the tensor has
     */
    static long @Nullable [] of(TensorProto value, int count) {
        boolean isLong = value.getDtype() == DataType.DT_INT64;
        if (!isLong && value.getDtype() != DataType.DT_INT32) {
            return null;
        }
        long[] integers = new long[count];
        if (!value.getTensorContent().isEmpty()) {
            var bytes =
                    value.getTensorContent().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            int size = isLong ? Long.BYTES : Integer.BYTES;
            if (bytes.remaining() != (long) count * size) {
                return null;
            }
            for (int i = 0; i < count; i++) {
                integers[i] = isLong ? bytes.getLong() : bytes.getInt();
            }
            return integers;
        }
        List<? extends Number> given = isLong ? value.getInt64ValList() : value.getIntValList();
        // The last element is repeated; no elements mean zeros.
        for (int i = 0; i < count && !given.isEmpty(); i++) {
            integers[i] = given.get(Math.min(i, given.size() - 1)).longValue();
        }
        return integers;
    }
}
