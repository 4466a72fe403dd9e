package io.bactrian.tensor;

import java.nio.ByteBuffer;
import java.util.function.IntToDoubleFunction;
import org.tensorflow.types.family.TType;

/**
 * A view of a tensor's elements as numbers, whatever its dtype, in row-major order. A boolean is 0
 * or 1.
 */
public final class NumericElements {

    private final DType dtype;
    private final ByteBuffer memory;
    private final IntToDoubleFunction element;
    private final int size;

    private NumericElements(DType dtype, ByteBuffer memory, IntToDoubleFunction element, int size) {
        this.dtype = dtype;
        this.memory = memory;
        this.element = element;
        this.size = size;
    }

    /**
     * {@return the elements of a tensor}
     *
     * @param tensor any tensor of numbers or booleans; it must stay open while they are read
     * @throws IllegalArgumentException for a tensor of strings
     */
    public static NumericElements of(TType tensor) {
        DType dtype = DType.of(tensor);
        if (dtype == DType.STRING) {
            throw new IllegalArgumentException("expected numbers, got a tensor of dtype " + dtype);
        }
        ByteBuffer memory = NativeMemory.of(tensor);
        IntToDoubleFunction element =
                switch (dtype) {
                    case FLOAT32 -> i -> memory.getFloat(i * Float.BYTES);
                    case FLOAT64 -> i -> memory.getDouble(i * Double.BYTES);
                    case INT32 -> i -> memory.getInt(i * Integer.BYTES);
                    case INT64 -> i -> memory.getLong(i * Long.BYTES);
                    case UINT8 -> i -> memory.get(i) & 0xff;
                    case UINT16 -> i -> memory.getShort(i * Short.BYTES) & 0xffff;
                    case FLOAT16 -> i -> HalfFloats.fromFloat16(memory.getShort(i * Short.BYTES));
                    case BFLOAT16 -> i -> HalfFloats.fromBfloat16(memory.getShort(i * Short.BYTES));
                    case BOOL -> i -> memory.get(i) == 0 ? 0 : 1;
                    case STRING -> throw new IllegalStateException();
                };
        return new NumericElements(dtype, memory, element, Math.toIntExact(tensor.shape().size()));
    }

    /** The dtype of the tensor. */
    public DType dtype() {
        return dtype;
    }

    /**
     * {@return the element; an int64 beyond 2^53 loses its last digits}
     *
     * @param index in row-major order
     */
    public double get(int index) {
        return element.applyAsDouble(index);
    }

    /**
     * {@return the element as the Java number that holds it exactly: a float for float32 and the
     * half-precision dtypes, a double for float64, a long for integers and booleans}
     *
     * @param index in row-major order
     */
    public Number exact(int index) {
        return switch (dtype) {
            case FLOAT64 -> get(index);
            case FLOAT32, FLOAT16, BFLOAT16 -> (float) get(index);
            case INT64 -> memory.getLong(index * Long.BYTES);
            case INT32, UINT8, UINT16, BOOL -> (long) get(index);
            case STRING -> throw new IllegalStateException();
        };
    }

    /** {@return how many elements there are} */
    public int size() {
        return size;
    }
}
