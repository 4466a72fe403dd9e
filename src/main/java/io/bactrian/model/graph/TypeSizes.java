package io.bactrian.model.graph;

import org.tensorflow.proto.DataType;

/** The sizes of numeric dtypes. */
final class TypeSizes {

    private TypeSizes() {}

    /** {@return the bytes per element; 0 if the dtype has no fixed size} */
    static int of(DataType type) {
        return switch (type) {
            case DT_BOOL, DT_INT8, DT_UINT8, DT_QINT8, DT_QUINT8 -> 1;
            case DT_INT16, DT_UINT16, DT_HALF, DT_BFLOAT16, DT_QINT16, DT_QUINT16 -> 2;
            case DT_INT32, DT_UINT32, DT_FLOAT, DT_QINT32 -> 4;
            case DT_INT64, DT_UINT64, DT_DOUBLE, DT_COMPLEX64 -> 8;
            case DT_COMPLEX128 -> 16;
            default -> 0;
        };
    }
}
