package io.bactrian.tensor;

import java.nio.ByteBuffer;
import java.util.function.IntToDoubleFunction;
import org.tensorflow.types.family.TType;

/**
 * Reads a tensor's elements as numbers, whatever its dtype, in row-major order. An int64 beyond
 * 2^53 loses its last digits.
 */
public final class Numbers {

    private final IntToDoubleFunction element;
    private final int size;

    private Numbers(IntToDoubleFunction element, int size) {
        this.element = element;
        this.size = size;
    }

    /**
     * @param tensor any tensor of numbers; it must stay open while they are read
     * @throws IllegalArgumentException for a tensor of strings or booleans
     */
    public static Numbers of(TType tensor) {
        DType dtype = DType.of(tensor);
        if (dtype == DType.STRING || dtype == DType.BOOL) {
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
                    case STRING, BOOL -> throw new IllegalStateException();
                };
        return new Numbers(element, Math.toIntExact(tensor.shape().size()));
    }

    /**
     * @param index in row-major order
     */
    public double get(int index) {
        return element.applyAsDouble(index);
    }

    /**
     * @return how many elements there are
     */
    public int size() {
        return size;
    }
}
