package io.bactrian.tensor;

import java.nio.ByteBuffer;
import org.tensorflow.types.family.TType;

/**
 * A view of the elements of a tensor of any numeric dtype as numbers, in row-major order. Booleans
 * are 0 or 1.
 */
public final class NumericElements {

    private final DType dtype;
    private final ByteBuffer memory;
    private final int size;

    private NumericElements(DType dtype, ByteBuffer memory, int size) {
        this.dtype = dtype;
        this.memory = memory;
        this.size = size;
    }

    /**
     * {@return the elements of a tensor}
     *
     * @param tensor a tensor of numbers or booleans, which must stay open while they are read
     * @throws IllegalArgumentException for a tensor of strings
     */
    public static NumericElements of(TType tensor) {
        DType dtype = DType.of(tensor);
        if (dtype == DType.STRING) {
            throw new IllegalArgumentException("expected numbers, got a tensor of dtype " + dtype);
        }
        return new NumericElements(
                dtype, NativeMemory.of(tensor), Math.toIntExact(tensor.shape().size()));
    }

    /** {@return the dtype of the tensor} */
    public DType dtype() {
        return dtype;
    }

    /** {@return the number of elements} */
    public int size() {
        return size;
    }

    /**
     * {@return an element as a double; an int64 beyond 2^53 is rounded}
     *
     * @param index the index of the element in row-major order
     */
    public double get(int index) {
        return switch (dtype) {
            case FLOAT64 -> memory.getDouble(index * Double.BYTES);
            case FLOAT32, FLOAT16, BFLOAT16 -> getFloat(index);
            case UINT8, UINT16, INT32, INT64, BOOL -> getLong(index);
            case STRING -> throw unexpected();
        };
    }

    /**
     * {@return the highest of some elements, as its index from the first of them} The first of
     * equal ones counts, and NaN is the highest, as in {@code numpy.argmax}.
     *
     * @param from the index of the first element in row-major order
     * @param count the number of elements, at least one
     */
    public int argMax(int from, int count) {
        return argMax(from, count, 1);
    }

    /**
     * {@return the highest of some elements at equal distances, as {@link #argMax(int, int)} does}
     *
     * @param from the index of the first element in row-major order
     * @param count the number of elements, at least one
     * @param step the distance of each from the one before
     */
    public int argMax(int from, int count, int step) {
        int best = 0;
        double highest = get(from);
        for (int i = 1; i < count && !Double.isNaN(highest); i++) {
            double element = get(from + i * step);
            if (element > highest || Double.isNaN(element)) {
                best = i;
                highest = element;
            }
        }
        return best;
    }

    /**
     * {@return an element of a float32, float16 or bfloat16 tensor}
     *
     * @param index the index of the element in row-major order
     * @throws IllegalStateException for any other dtype
     */
    public float getFloat(int index) {
        return switch (dtype) {
            case FLOAT32 -> memory.getFloat(index * Float.BYTES);
            case FLOAT16 -> HalfFloats.fromFloat16(memory.getShort(index * Short.BYTES));
            case BFLOAT16 -> HalfFloats.fromBfloat16(memory.getShort(index * Short.BYTES));
            case FLOAT64, UINT8, UINT16, INT32, INT64, BOOL, STRING -> throw unexpected();
        };
    }

    /**
     * {@return an element of an integer or bool tensor}
     *
     * @param index the index of the element in row-major order
     * @throws IllegalStateException for any other dtype
     */
    public long getLong(int index) {
        return switch (dtype) {
            case UINT8 -> Byte.toUnsignedLong(memory.get(index));
            case UINT16 -> Short.toUnsignedLong(memory.getShort(index * Short.BYTES));
            case INT32 -> memory.getInt(index * Integer.BYTES);
            case INT64 -> memory.getLong(index * Long.BYTES);
            case BOOL -> memory.get(index) == 0 ? 0 : 1;
            case FLOAT16, BFLOAT16, FLOAT32, FLOAT64, STRING -> throw unexpected();
        };
    }

    /**
     * {@return an element as the Java number that represents it exactly: a float for float32,
     * float16 and bfloat16, a double for float64, a long for integers and booleans}
     *
     * @param index the index of the element in row-major order
     */
    public Number exact(int index) {
        return switch (dtype) {
            case FLOAT64 -> get(index);
            case FLOAT32, FLOAT16, BFLOAT16 -> getFloat(index);
            case UINT8, UINT16, INT32, INT64, BOOL -> getLong(index);
            case STRING -> throw unexpected();
        };
    }

    private IllegalStateException unexpected() {
        return new IllegalStateException("not how elements of a " + dtype + " tensor are read");
    }
}
