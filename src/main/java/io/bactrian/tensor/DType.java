package io.bactrian.tensor;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint16;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/**
 * A dtype for which TensorFlow Java has a tensor class, under numpy's name.
 *
 * <p>SavedModels may declare other dtypes (int8, int16, uint32, uint64, complex and quantized
 * ones), which TensorFlow Java 1.1.0 can neither read nor create. A signature that uses one can't
 * be run.
 */
public enum DType {
    /** IEEE 754 half precision: 5 exponent bits, 10 fraction bits. */
    FLOAT16(DataType.DT_HALF, 2, TFloat16.class),
    /** The upper half of a float32: 8 exponent bits, 7 fraction bits. */
    BFLOAT16(DataType.DT_BFLOAT16, 2, TBfloat16.class),
    /** IEEE 754 single precision. */
    FLOAT32(DataType.DT_FLOAT, 4, TFloat32.class),
    /** IEEE 754 double precision. */
    FLOAT64(DataType.DT_DOUBLE, 8, TFloat64.class),
    /** Unsigned 8-bit integers. */
    UINT8(DataType.DT_UINT8, 1, TUint8.class),
    /** Unsigned 16-bit integers. */
    UINT16(DataType.DT_UINT16, 2, TUint16.class),
    /** Signed 32-bit integers. */
    INT32(DataType.DT_INT32, 4, TInt32.class),
    /** Signed 64-bit integers. */
    INT64(DataType.DT_INT64, 8, TInt64.class),
    /** Booleans, one byte each. */
    BOOL(DataType.DT_BOOL, 1, TBool.class),
    /** Byte strings of any length; {@link #byteSize()} is 0. */
    STRING(DataType.DT_STRING, 0, TString.class);

    private final DataType dataType;
    private final int byteSize;
    private final Class<? extends TType> tensorClass;

    DType(DataType dataType, int byteSize, Class<? extends TType> tensorClass) {
        this.dataType = dataType;
        this.byteSize = byteSize;
        this.tensorClass = tensorClass;
    }

    /** {@return the bytes per element in native memory; 0 for strings} */
    public int byteSize() {
        return byteSize;
    }

    /** {@return whether the elements are whole numbers, of which booleans are none} */
    public boolean isInteger() {
        return switch (this) {
            case UINT8, UINT16, INT32, INT64 -> true;
            case FLOAT16, BFLOAT16, FLOAT32, FLOAT64, BOOL, STRING -> false;
        };
    }

    /** {@return whether the elements are floating-point numbers} */
    public boolean isFloatingPoint() {
        return switch (this) {
            case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> true;
            case UINT8, UINT16, INT32, INT64, BOOL, STRING -> false;
        };
    }

    /** {@return TensorFlow's enum constant, such as {@code DT_FLOAT}} */
    public DataType dataType() {
        return dataType;
    }

    /** {@return numpy's name, such as {@code float32}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * {@return whether TensorFlow Java can create and read tensors of a data type}
     *
     * @param dataType any of TensorFlow's data types; a reference type such as {@code DT_FLOAT_REF}
     *     is treated as its value's type
     */
    public static boolean isSupported(DataType dataType) {
        return find(dataType) != null;
    }

    /**
     * {@return the dtype of a data type}
     *
     * @param dataType one of TensorFlow's data types, or a reference to it
     * @throws IllegalArgumentException if TensorFlow Java has no tensor class for it
     */
    public static DType of(DataType dataType) {
        DType found = find(dataType);
        if (found == null) {
            throw new IllegalArgumentException(
                    "dtype " + nameOf(dataType) + " has no tensor class in TensorFlow Java");
        }
        return found;
    }

    /**
     * {@return the dtype of a tensor}
     *
     * @param tensor an open tensor
     */
    public static DType of(TType tensor) {
        return of(tensor.dataType());
    }

    /**
     * {@return the dtype of a name}
     *
     * @param name numpy's name, such as {@code float32}, in any case
     * @throws IllegalArgumentException if no dtype has the name; the message lists the valid names
     */
    public static DType named(String name) {
        for (DType dtype : values()) {
            if (dtype.name().equalsIgnoreCase(name)) {
                return dtype;
            }
        }
        throw new IllegalArgumentException(
                "no dtype \""
                        + name
                        + "\": one of "
                        + Arrays.stream(values())
                                .map(DType::toString)
                                .collect(Collectors.joining(", ")));
    }

    /**
     * {@return numpy's name of a data type: {@code float16} for {@code DT_HALF}}
     *
     * @param dataType any of TensorFlow's data types, supported or not
     */
    public static String nameOf(DataType dataType) {
        DType found = find(dataType);
        return found != null
                ? found.toString()
                : dataType.name().replaceFirst("^DT_", "").toLowerCase(Locale.ROOT);
    }

    /**
     * Allocates a tensor of uninitialized memory, all of which must be written, through {@link
     * NativeMemory}.
     *
     * @param shape a fully defined shape
     * @return the tensor, which the caller must close
     * @throws IllegalStateException for {@link #STRING}, whose tensors are created with their
     *     content
     */
    public TType allocate(Shape shape) {
        if (this == STRING) {
            throw new IllegalStateException("a string tensor is made with its content");
        }
        return Tensor.of(tensorClass, shape);
    }

    private static @Nullable DType find(DataType dataType) {
        String name = dataType.name();
        if (name.endsWith("_REF")) {
            return find(DataType.valueOf(name.substring(0, name.length() - "_REF".length())));
        }
        for (DType dtype : values()) {
            if (dtype.dataType == dataType) {
                return dtype;
            }
        }
        return null;
    }
}
