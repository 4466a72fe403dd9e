package io.bactrian.tensor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * A growable buffer of a tensor's elements in row-major order, for readers that do not know their
 * number in advance. Elements collect on the Java heap and are copied to native memory once, so a
 * reader that fails half way has nothing to free.
 *
 * <p>Each dtype takes its elements by one of the {@code add} methods; another one than its own
 * throws {@link IllegalStateException}. Not safe for use by several threads at once.
 */
public final class TensorBuffer {

    private static final VarHandle FLOATS = view(float[].class);
    private static final VarHandle DOUBLES = view(double[].class);
    private static final VarHandle LONGS = view(long[].class);
    private static final VarHandle INTS = view(int[].class);
    private static final VarHandle SHORTS = view(short[].class);

    private static final int INITIAL_ELEMENTS = 16;

    /** The length of the longest array that every JVM can allocate. */
    public static final int MAX_BYTES = Integer.MAX_VALUE - 8;

    private final DType dtype;
    private final List<byte[]> strings;
    private byte[] bytes;
    private int end;

    public TensorBuffer(DType dtype) {
        this.dtype = dtype;
        this.strings = dtype == DType.STRING ? new ArrayList<>() : List.of();
        this.bytes = new byte[INITIAL_ELEMENTS * dtype.byteSize()];
    }

    public DType dtype() {
        return dtype;
    }

    /** {@return how many elements were added} */
    public int size() {
        return dtype == DType.STRING ? strings.size() : end / dtype.byteSize();
    }

    /** Removes all elements. */
    public void clear() {
        end = 0;
        if (dtype == DType.STRING) {
            strings.clear();
        }
    }

    /**
     * Adds a {@link DType#FLOAT32}.
     *
     * @throws BadInputException if the tensor would exceed 2 GiB, here and in every other add
     */
    public void addFloat(float value) {
        require(dtype == DType.FLOAT32);
        int at = room(Float.BYTES);
        FLOATS.set(bytes, at, value);
    }

    /**
     * Adds a {@link DType#FLOAT64}, {@link DType#FLOAT16} or {@link DType#BFLOAT16}, rounded to the
     * nearest of its dtype, ties to even.
     */
    public void addDouble(double value) {
        switch (dtype) {
            case FLOAT64 -> {
                int at = room(Double.BYTES);
                DOUBLES.set(bytes, at, value);
            }
            case FLOAT16 -> addShort(HalfFloats.toFloat16(value));
            case BFLOAT16 -> addShort(HalfFloats.toBfloat16(value));
            default -> require(false);
        }
    }

    /**
     * Adds a {@link DType#UINT8}, {@link DType#UINT16}, {@link DType#INT32} or {@link DType#INT64}.
     *
     * @return false, with nothing added, if the value does not fit the dtype
     */
    public boolean addInteger(long value) {
        switch (dtype) {
            case UINT8 -> {
                if (value != (value & 0xff)) {
                    return false;
                }
                int at = room(1);
                bytes[at] = (byte) value;
            }
            case UINT16 -> {
                if (value != (value & 0xffff)) {
                    return false;
                }
                addShort((short) value);
            }
            case INT32 -> {
                if (value != (int) value) {
                    return false;
                }
                int at = room(Integer.BYTES);
                INTS.set(bytes, at, (int) value);
            }
            case INT64 -> {
                int at = room(Long.BYTES);
                LONGS.set(bytes, at, value);
            }
            default -> require(false);
        }
        return true;
    }

    /** Adds a {@link DType#BOOL}. */
    public void addBoolean(boolean value) {
        require(dtype == DType.BOOL);
        int at = room(1);
        bytes[at] = (byte) (value ? 1 : 0);
    }

    /**
     * Adds a {@link DType#STRING}.
     *
     * @param value its bytes, kept and not to be changed afterwards
     */
    public void addString(byte[] value) {
        require(dtype == DType.STRING);
        strings.add(value);
    }

    /**
     * Copies the elements into a tensor.
     *
     * @param shape a known shape of as many elements as were added
     * @return a tensor that the caller must close
     * @throws IllegalStateException if their number does not fit the shape
     */
    public TType build(Shape shape) {
        if (shape.size() != size()) {
            throw new IllegalStateException(
                    size() + " elements for shape " + TensorSpec.format(shape));
        }
        if (dtype == DType.STRING) {
            return StringTensors.of(shape, strings.toArray(byte[][]::new));
        }
        TType tensor = dtype.allocate(shape);
        NativeMemory.of(tensor).put(bytes, 0, end);
        return tensor;
    }

    private void addShort(short value) {
        int at = room(Short.BYTES);
        SHORTS.set(bytes, at, value);
    }

    /**
     * Reserves room for an element and returns its position. It may replace {@code bytes}, so it
     * must not be called among the arguments of a call that has {@code bytes} before it.
     */
    private int room(int size) {
        int at = end;
        if (bytes.length - at < size) {
            grow(size);
        }
        end = at + size;
        return at;
    }

    private void grow(int size) {
        if (bytes.length > MAX_BYTES - size) {
            throw new BadInputException("a tensor of more than 2 GiB");
        }
        bytes = Arrays.copyOf(bytes, (int) Math.min(2L * bytes.length, MAX_BYTES));
    }

    private void require(boolean fits) {
        if (!fits) {
            throw new IllegalStateException("not how a " + dtype + " is added");
        }
    }

    private static VarHandle view(Class<?> arrayType) {
        return MethodHandles.byteArrayViewVarHandle(arrayType, ByteOrder.nativeOrder());
    }
}
