package io.bactrian.tensor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * A growable buffer of a tensor's elements in row-major order, for readers that do not know their
 * number in advance. Elements are collected on the Java heap and copied to native memory once, so
 * that a reader that fails has nothing to free.
 *
 * <p>For each dtype there is one {@code add} method; the others throw {@link
 * IllegalStateException}. Not thread-safe.
 */
public final class TensorBuffer {

    private static final VarHandle FLOATS = view(float[].class);
    private static final VarHandle DOUBLES = view(double[].class);
    private static final VarHandle LONGS = view(long[].class);
    private static final VarHandle INTS = view(int[].class);
    private static final VarHandle SHORTS = view(short[].class);

    private static final int INITIAL_ELEMENTS = 16;

    /** The maximum length of an array that all JVMs can allocate. */
    public static final int MAX_BYTES = Integer.MAX_VALUE - 8;

    private final DType dtype;
    private final List<byte[]> strings;
    private byte[] bytes;
    private int end;

    /**
     * Creates an empty buffer.
     *
     * @param dtype the dtype of the elements
     */
    public TensorBuffer(DType dtype) {
        this.dtype = dtype;
        this.strings = dtype == DType.STRING ? new ArrayList<>() : List.of();
        this.bytes = new byte[INITIAL_ELEMENTS * dtype.byteSize()];
    }

    /** {@return the dtype of the elements} */
    public DType dtype() {
        return dtype;
    }

    /** {@return the number of elements added} */
    public int size() {
        return dtype == DType.STRING ? strings.size() : end / dtype.byteSize();
    }

    /** Removes all elements. */
    public void clear() {
        truncate(0);
    }

    /**
     * Removes the last elements.
     *
     * @param size the number of elements to keep, at most {@link #size}
     */
    public void truncate(int size) {
        end = size * dtype.byteSize();
        if (dtype == DType.STRING) {
            strings.subList(size, strings.size()).clear();
        }
    }

    /**
     * Adds an element of a {@link DType#FLOAT32} tensor.
     *
     * @param value the element
     * @throws BadInputException if the tensor would exceed 2 GiB, as for the other {@code add}
     *     methods
     */
    public void addFloat(float value) {
        require(dtype == DType.FLOAT32);
        int at = room(Float.BYTES);
        FLOATS.set(bytes, at, value);
    }

    /**
     * Adds an element of a {@link DType#FLOAT64}, {@link DType#FLOAT16} or {@link DType#BFLOAT16}
     * tensor.
     *
     * @param value the element, which is rounded to the nearest value of the dtype, ties to even
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
     * Adds an element of a {@link DType#UINT8}, {@link DType#UINT16}, {@link DType#INT32} or {@link
     * DType#INT64} tensor.
     *
     * @param value the element
     * @return false if the value is out of the dtype's range and was not added
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

    /**
     * Adds an element of a {@link DType#BOOL} tensor.
     *
     * @param value the element
     */
    public void addBoolean(boolean value) {
        require(dtype == DType.BOOL);
        int at = room(1);
        bytes[at] = (byte) (value ? 1 : 0);
    }

    /**
     * Adds an element of a {@link DType#STRING} tensor.
     *
     * @param value the bytes, which are not copied and must not be changed afterwards
     */
    public void addString(byte[] value) {
        require(dtype == DType.STRING);
        strings.add(value);
    }

    /**
     * {@return an element of a {@link DType#FLOAT32} tensor}
     *
     * @param index its index in the order of adding, as for the other {@code get} methods
     */
    public float getFloat(int index) {
        require(dtype == DType.FLOAT32);
        return (float) FLOATS.get(bytes, Objects.checkIndex(index, size()) * Float.BYTES);
    }

    /**
     * {@return an element of a {@link DType#INT64} tensor}
     *
     * @param index its index
     */
    public long getLong(int index) {
        require(dtype == DType.INT64);
        return (long) LONGS.get(bytes, Objects.checkIndex(index, size()) * Long.BYTES);
    }

    /**
     * {@return an element of a {@link DType#STRING} tensor, which is not copied}
     *
     * @param index its index
     */
    public byte[] getString(int index) {
        require(dtype == DType.STRING);
        return strings.get(index);
    }

    /**
     * Copies the elements into a tensor.
     *
     * @param shape a fully defined shape of {@link #size} elements
     * @return the tensor, which the caller must close
     * @throws IllegalStateException if the shape has a different number of elements
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
            throw new IllegalStateException(
                    "not how elements of a " + dtype + " buffer are added or read");
        }
    }

    private static VarHandle view(Class<?> arrayType) {
        return MethodHandles.byteArrayViewVarHandle(arrayType, ByteOrder.nativeOrder());
    }
}
