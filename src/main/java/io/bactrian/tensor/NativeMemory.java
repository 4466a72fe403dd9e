package io.bactrian.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.Pointer;
import org.tensorflow.ndarray.buffer.DataStorageVisitor;
import org.tensorflow.types.family.TType;

/**
 * A tensor's native memory as a direct buffer, so that codecs read and write numbers in place:
 * TensorFlow Java's own typed access costs a virtual call and a bounds check an element.
 */
public final class NativeMemory {

    private NativeMemory() {}

    /**
     * {@return its whole memory, in native byte order, position 0; dead once the tensor is closed}
     *
     * @param tensor any tensor but a string one; at most 2 GiB
     * @throws IllegalArgumentException for a string tensor, whose memory holds pointers, and for
     *     one too large for a buffer
     */
    public static ByteBuffer of(TType tensor) {
        DType dtype = DType.of(tensor);
        if (dtype == DType.STRING) {
            throw new IllegalArgumentException("a string tensor has no flat memory");
        }
        long size = tensor.shape().size() * dtype.byteSize();
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a tensor of " + size + " bytes, 2 GiB at most");
        }
        if (size == 0) {
            return ByteBuffer.allocateDirect(0);
        }
        return tensor.asRawTensor().data().accept(new Mapper(size)).order(ByteOrder.nativeOrder());
    }

    /**
     * {@return a copy, which the caller must close}
     *
     * @param tensor any tensor but a string one; at most 2 GiB
     * @throws IllegalArgumentException as {@link #of}
     */
    public static TType copy(TType tensor) {
        ByteBuffer source = of(tensor);
        TType copy = DType.of(tensor).allocate(tensor.shape());
        of(copy).put(source);
        return copy;
    }

    /** Maps what TensorFlow Java stores the tensor in: an address, or a buffer without Unsafe. */
    private record Mapper(long size) implements DataStorageVisitor<ByteBuffer> {

        @Override
        public ByteBuffer visit(long address, long length, long scale) {
            return new Address(address, size).asByteBuffer();
        }

        @Override
        public ByteBuffer visit(ByteBuffer buffer) {
            return buffer.duplicate();
        }

        @Override
        public ByteBuffer fallback() {
            throw new IllegalStateException("TensorFlow Java gave no native memory");
        }
    }

    /** A pointer to memory owned elsewhere. */
    private static final class Address extends Pointer {

        Address(long address, long size) {
            this.address = address;
            this.limit = size;
            this.capacity = size;
        }

        /** Bytes: JavaCPP takes an unknown subclass for a structure as large as a pointer. */
        @Override
        public int sizeof() {
            return 1;
        }
    }
}
