package io.bactrian.format;

import io.bactrian.pipeline.NotAcceptableException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.NativeMemory;
import io.bactrian.tensor.NestedListShape;
import io.bactrian.tensor.StringTensors;
import io.bactrian.tensor.TensorBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * Tensors as the Open Inference Protocol's binary data: elements in row-major order, little-endian,
 * without padding; of strings, each element's length in four bytes and then its bytes. Numbers are
 * copied to and from native memory at once.
 */
public final class RawTensors {

    /** A string as an array and a tensor's element, beside its bytes. */
    private static final int STRING_BYTES = 96;

    private RawTensors() {}

    /**
     * {@return a shape of known dimensions}
     *
     * @param dimensions the sizes
     * @param where their place in the request, for the error
     * @throws BadInputException if a size is negative, or there are more than 254, or the tensor
     *     would have 2^31 elements or more
     */
    public static Shape shape(List<Long> dimensions, String where) {
        if (dimensions.size() > NestedListShape.MAX_RANK) {
            throw new BadInputException(
                    where + ": more than " + NestedListShape.MAX_RANK + " dimensions");
        }
        // Sizes of 0 count as 1, so that the other sizes are checked too.
        long most = 1;
        for (long size : dimensions) {
            if (size < 0) {
                throw new BadInputException(where + ": a dimension of " + size);
            }
            if (size > Integer.MAX_VALUE / most) {
                throw new BadInputException(where + ": more than 2^31 elements");
            }
            most *= Math.max(size, 1);
        }
        return Shape.of(dimensions.stream().mapToLong(Long::longValue).toArray());
    }

    /**
     * {@return the most bytes that reading a tensor allocates, the tensor included}
     *
     * @param dtype the tensor's dtype
     * @param size of its binary data, in bytes
     */
    public static long readingBytes(DType dtype, long size) {
        return dtype == DType.STRING ? size / Integer.BYTES * STRING_BYTES + 2 * size : size;
    }

    /**
     * {@return a tensor that the caller must close}
     *
     * @param dtype the tensor's dtype
     * @param shape its shape, of known dimensions
     * @param data its elements, from the buffer's position to its limit
     * @param where the data's place in the request, for the error
     * @throws BadInputException if these are not the shape's elements
     */
    public static TType read(DType dtype, Shape shape, ByteBuffer data, String where) {
        if (dtype == DType.STRING) {
            return readStrings(shape, data.slice().order(ByteOrder.LITTLE_ENDIAN), where);
        }
        long expected = shape.size() * dtype.byteSize();
        if (data.remaining() != expected) {
            throw new BadInputException(
                    where
                            + ": "
                            + data.remaining()
                            + " bytes, expected "
                            + expected
                            + " by shape and datatype");
        }
        TType tensor = dtype.allocate(shape);
        try {
            ByteBuffer memory = NativeMemory.of(tensor);
            if (dtype == DType.BOOL) {
                // TensorFlow knows 0 and 1 only.
                while (data.hasRemaining()) {
                    memory.put((byte) (data.get() == 0 ? 0 : 1));
                }
            } else {
                memory.put(data);
            }
            return tensor;
        } catch (RuntimeException | Error e) {
            tensor.close();
            throw e;
        }
    }

    private static TType readStrings(Shape shape, ByteBuffer data, String where) {
        TensorBuffer strings = new TensorBuffer(DType.STRING);
        while (data.hasRemaining()) {
            long length =
                    data.remaining() < Integer.BYTES
                            ? Long.MAX_VALUE
                            : Integer.toUnsignedLong(data.getInt());
            if (length > data.remaining()) {
                throw new BadInputException(
                        where + ": element " + strings.size() + " ends after the data");
            }
            byte[] element = new byte[(int) length];
            data.get(element);
            strings.addString(element);
        }
        if (strings.size() != shape.size()) {
            throw new BadInputException(
                    where
                            + ": "
                            + strings.size()
                            + " elements, expected "
                            + shape.size()
                            + " by shape");
        }
        return strings.build(shape);
    }

    /**
     * {@return the binary data of a tensor, from the buffer's position to its limit; dead once the
     * tensor is closed}
     *
     * @param tensor any tensor, of less than 2 GiB
     * @throws NotAcceptableException if strings take more than that with their lengths
     */
    public static ByteBuffer of(TType tensor) {
        if (DType.of(tensor) != DType.STRING) {
            return NativeMemory.of(tensor);
        }
        byte[][] elements = StringTensors.bytes(tensor);
        long size = 0;
        for (byte[] element : elements) {
            size += Integer.BYTES + element.length;
        }
        if (size > TensorBuffer.MAX_BYTES) {
            throw new NotAcceptableException("an output of more than 2 GiB");
        }
        ByteBuffer data = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
        for (byte[] element : elements) {
            data.putInt(element.length).put(element);
        }
        return data.flip();
    }
}
