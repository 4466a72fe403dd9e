package io.bactrian.session;

import io.bactrian.tensor.DType;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.RawTensor;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.family.TType;

/**
 * The tensors that a run fetched, in the order of its fetches. Closing frees those that were not
 * {@linkplain #take taken}.
 *
 * <p>TensorFlow Java has no class for tensors of some dtypes, such as int8. Their memory can be
 * read, but they can't be taken.
 */
public final class RunOutputs implements AutoCloseable {

    private static final MethodHandle RAW_TENSOR;
    private static final MethodHandle TYPED_TENSOR;

    static {
        try {
            MethodHandles.Lookup lookup =
                    MethodHandles.privateLookupIn(RawTensor.class, MethodHandles.lookup());
            RAW_TENSOR =
                    lookup.findStatic(
                            RawTensor.class,
                            "fromHandle",
                            MethodType.methodType(RawTensor.class, TF_Tensor.class));
            TYPED_TENSOR =
                    lookup.findVirtual(
                            RawTensor.class, "asTypedTensor", MethodType.methodType(TType.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** An element is null once it was taken or freed. */
    private final @Nullable TF_Tensor[] tensors;

    /**
     * @param tensors owned by this object from now on
     */
    RunOutputs(TF_Tensor[] tensors) {
        this.tensors = tensors;
    }

    /** {@return the number of tensors} */
    public int size() {
        return tensors.length;
    }

    /**
     * {@return the dtype of a tensor}
     *
     * @param index the index of the tensor, in the order of the fetches
     */
    public DataType dataType(int index) {
        return DataType.forNumber(tensorflow.TF_TensorType(tensors[index]));
    }

    /**
     * {@return the sizes of a tensor's dimensions}
     *
     * @param index the index of the tensor, in the order of the fetches
     */
    public long[] shape(int index) {
        long[] sizes = new long[tensorflow.TF_NumDims(tensors[index])];
        for (int axis = 0; axis < sizes.length; axis++) {
            sizes[axis] = tensorflow.TF_Dim(tensors[index], axis);
        }
        return sizes;
    }

    /**
     * {@return the number of bytes of a tensor's memory}
     *
     * @param index the index of the tensor, in the order of the fetches
     */
    public long numBytes(int index) {
        return tensorflow.TF_TensorByteSize(tensors[index]);
    }

    /**
     * {@return a tensor's memory, valid until this object is closed; not for strings}
     *
     * @param index the index of the tensor, in the order of the fetches
     */
    public ByteBuffer memory(int index) {
        if (numBytes(index) == 0) {
            // Its address is null.
            return ByteBuffer.allocate(0);
        }
        return new BytePointer(tensorflow.TF_TensorData(tensors[index]))
                .capacity(numBytes(index))
                .asBuffer()
                .order(ByteOrder.nativeOrder());
    }

    /**
     * Moves a tensor out of this object.
     *
     * @param index the index of the tensor, in the order of the fetches
     * @return the tensor, owned by the caller
     * @throws IllegalArgumentException if TensorFlow Java has no class for its dtype
     */
    public TType take(int index) {
        if (!DType.isSupported(dataType(index))) {
            throw new IllegalArgumentException(
                    "TensorFlow Java has no tensor class for dtype "
                            + DType.nameOf(dataType(index)));
        }
        try {
            RawTensor raw = (RawTensor) RAW_TENSOR.invokeExact(tensors[index]);
            tensors[index] = null;
            return (TType) TYPED_TENSOR.invokeExact(raw);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < tensors.length; i++) {
            if (tensors[i] != null) {
                tensors[i].deallocate();
                tensors[i] = null;
            }
        }
    }
}
