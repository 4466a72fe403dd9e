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
 * The dtypes that TensorFlow Java has a tensor class for, by numpy's names.
 *
 * <p>Others that a SavedModel may declare (int8, int16, uint32, uint64, complex and quantized ones)
 * can't be read or made by TensorFlow Java 1.1.0; a signature that uses one can't be run.
 */
public enum DType {
    FLOAT16(DataType.DT_HALF, 2, TFloat16.class),
    BFLOAT16(DataType.DT_BFLOAT16, 2, TBfloat16.class),
    FLOAT32(DataType.DT_FLOAT, 4, TFloat32.class),
    FLOAT64(DataType.DT_DOUBLE, 8, TFloat64.class),
    UINT8(DataType.DT_UINT8, 1, TUint8.class),
    UINT16(DataType.DT_UINT16, 2, TUint16.class),
    INT32(DataType.DT_INT32, 4, TInt32.class),
    INT64(DataType.DT_INT64, 8, TInt64.class),
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

    /** {@return bytes an element takes in native memory; 0 for strings} */
    public int byteSize() {
        return byteSize;
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
     * {@return whether TensorFlow Java can make and read tensors of {@code dataType}; a reference
     * dtype such as {@code DT_FLOAT_REF} counts as its value's}
     */
    public static boolean isSupported(DataType dataType) {
        return find(dataType) != null;
    }

    /**
     * {@return the dtype of TensorFlow's data type}
     *
     * @throws IllegalArgumentException for a dtype without a tensor class in TensorFlow Java
     */
    public static DType of(DataType dataType) {
        DType found = find(dataType);
        if (found == null) {
            throw new IllegalArgumentException(
                    "dtype " + nameOf(dataType) + " has no tensor class in TensorFlow Java");
        }
        return found;
    }

    /** {@return the dtype of {@code tensor}} */
    public static DType of(TType tensor) {
        return of(tensor.dataType());
    }

    /**
     * {@return the dtype of a name}
     *
     * @param name numpy's name, such as {@code float32}, in any case
     * @throws IllegalArgumentException if no dtype has the name; its message lists those there are
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
     * {@return numpy's name of any of TensorFlow's dtypes, supported or not: {@code DT_HALF} is
     * {@code float16}}
     */
    public static String nameOf(DataType dataType) {
        DType found = find(dataType);
        return found != null
                ? found.toString()
                : dataType.name().replaceFirst("^DT_", "").toLowerCase(Locale.ROOT);
    }

    /**
     * Allocates a tensor whose memory is not initialized: fill all of it through {@link
     * NativeMemory}.
     *
     * @param shape a known shape
     * @return a tensor that the caller must close
     * @throws IllegalStateException for {@link #STRING}, whose tensors are made with their content
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
