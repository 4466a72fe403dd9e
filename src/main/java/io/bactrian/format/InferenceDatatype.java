package io.bactrian.format;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.tensorflow.proto.DataType;

/** A datatype of the Open Inference Protocol. */
public enum InferenceDatatype {
    /** Booleans. */
    BOOL(DataType.DT_BOOL),
    /** Unsigned 8-bit integers. */
    UINT8(DataType.DT_UINT8),
    /** Unsigned 16-bit integers. */
    UINT16(DataType.DT_UINT16),
    /** Unsigned 32-bit integers. */
    UINT32(DataType.DT_UINT32),
    /** Unsigned 64-bit integers. */
    UINT64(DataType.DT_UINT64),
    /** Signed 8-bit integers. */
    INT8(DataType.DT_INT8),
    /** Signed 16-bit integers. */
    INT16(DataType.DT_INT16),
    /** Signed 32-bit integers. */
    INT32(DataType.DT_INT32),
    /** Signed 64-bit integers. */
    INT64(DataType.DT_INT64),
    /** IEEE 754 half precision. */
    FP16(DataType.DT_HALF),
    /** IEEE 754 single precision. */
    FP32(DataType.DT_FLOAT),
    /** IEEE 754 double precision. */
    FP64(DataType.DT_DOUBLE),
    /** The upper half of an FP32. */
    BF16(DataType.DT_BFLOAT16),
    /** Byte strings of any length. */
    BYTES(DataType.DT_STRING);

    private final DataType dataType;

    InferenceDatatype(DataType dataType) {
        this.dataType = dataType;
    }

    /**
     * {@return the datatype of a name}
     *
     * @param name such as {@code FP32}
     * @param where the name's place in the request, for the error
     * @throws BadInputException if the protocol has no such datatype; the message lists those it
     *     has
     */
    public static InferenceDatatype named(String name, String where) {
        for (InferenceDatatype datatype : values()) {
            if (datatype.name().equals(name)) {
                return datatype;
            }
        }
        throw new BadInputException(
                where
                        + ": no datatype \""
                        + (name.length() <= 32 ? name : name.substring(0, 32) + "…")
                        + "\": one of "
                        + Arrays.stream(values())
                                .map(InferenceDatatype::name)
                                .collect(Collectors.joining(", ")));
    }

    /**
     * {@return the dtype of the tensors}
     *
     * @param where the datatype's place in the request, for the error
     * @throws BadInputException if TensorFlow Java has no tensors of it
     */
    public DType dtype(String where) {
        if (!DType.isSupported(dataType)) {
            throw new BadInputException(where + ": there are no tensors of " + name() + " here");
        }
        return DType.of(dataType);
    }

    /**
     * {@return the protocol's name of a data type; TensorFlow's, such as {@code COMPLEX64}, for one
     * that the protocol lacks}
     *
     * @param dataType any of TensorFlow's data types; a reference type is its value's
     */
    public static String nameOf(DataType dataType) {
        String name = dataType.name().replaceFirst("_REF$", "");
        for (InferenceDatatype datatype : values()) {
            if (datatype.dataType.name().equals(name)) {
                return datatype.name();
            }
        }
        return name.replaceFirst("^DT_", "");
    }
}
