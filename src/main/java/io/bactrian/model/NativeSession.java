package io.bactrian.model;

import io.bactrian.tensor.TensorFlowStatus;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerPointer;
import org.tensorflow.GraphOperation;
import org.tensorflow.Output;
import org.tensorflow.RawTensor;
import org.tensorflow.Session;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.internal.c_api.TF_Operation;
import org.tensorflow.internal.c_api.TF_Output;
import org.tensorflow.internal.c_api.TF_Session;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.types.family.TType;

/**
 * A TensorFlow Java session that is run through TensorFlow's C API, since a failure's status
 * decides what the caller is answered: TensorFlow Java 1.1.0 throws one and the same exception for
 * NOT_FOUND, DEADLINE_EXCEEDED, DATA_LOSS, UNAVAILABLE and five others.
 *
 * <p>It keeps the native handles to itself, so they are read by reflection.
 */
final class NativeSession {

    /** Tensors of a graph, as the C API takes them. Read by several threads at once. */
    static final class Tensors {

        private final TF_Output outputs;
        private final int size;

        Tensors(List<Output<?>> tensors) {
            this.size = tensors.size();
            this.outputs = new TF_Output(Math.max(1, size));
            for (int i = 0; i < size; i++) {
                Output<?> tensor = tensors.get(i);
                outputs.position(i)
                        .oper(((GraphOperation) tensor.op()).getUnsafeNativeHandle())
                        .index(tensor.index());
            }
            outputs.position(0);
        }
    }

    private static final VarHandle SESSION;
    private static final MethodHandle TENSOR;
    private static final MethodHandle RAW_TENSOR;
    private static final MethodHandle TYPED_TENSOR;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            SESSION =
                    MethodHandles.privateLookupIn(Session.class, lookup)
                            .findVarHandle(Session.class, "nativeHandle", TF_Session.class);
            MethodHandles.Lookup tensors = MethodHandles.privateLookupIn(RawTensor.class, lookup);
            TENSOR =
                    tensors.findVirtual(
                            RawTensor.class,
                            "nativeHandle",
                            MethodType.methodType(TF_Tensor.class));
            RAW_TENSOR =
                    tensors.findStatic(
                            RawTensor.class,
                            "fromHandle",
                            MethodType.methodType(RawTensor.class, TF_Tensor.class));
            TYPED_TENSOR =
                    tensors.findVirtual(
                            RawTensor.class, "asTypedTensor", MethodType.methodType(TType.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final TF_Session handle;

    /**
     * @param session it must not be closed while this object is used
     */
    NativeSession(Session session) {
        this.handle = (TF_Session) SESSION.get(session);
    }

    /** {@return the options as the C API takes them; for use by several threads at once} */
    static TF_Buffer options(RunOptions options) {
        return TF_Buffer.newBufferFromString(options);
    }

    /**
     * Runs the graph.
     *
     * @param inputs the tensors to feed, in the order of {@code feeds}
     * @return the fetched tensors, owned by the caller
     * @throws SessionRunException with the status that TensorFlow gave
     */
    List<TType> run(TF_Buffer options, Tensors feeds, List<TType> inputs, Tensors fetches) {
        try (TF_Status status = TF_Status.newStatus();
                PointerPointer<TF_Tensor> fed = new PointerPointer<>(Math.max(1, feeds.size));
                PointerPointer<TF_Tensor> fetched = new PointerPointer<>(fetches.size)) {
            for (int i = 0; i < feeds.size; i++) {
                fed.put(i, (TF_Tensor) TENSOR.invokeExact(inputs.get(i).asRawTensor()));
            }
            tensorflow.TF_SessionRun(
                    handle,
                    options,
                    feeds.outputs,
                    fed,
                    feeds.size,
                    fetches.outputs,
                    fetched,
                    fetches.size,
                    (PointerPointer<TF_Operation>) null,
                    0,
                    null,
                    status);
            int code = tensorflow.TF_GetCode(status);
            if (code != tensorflow.TF_OK) {
                throw new SessionRunException(
                        TensorFlowStatus.of(code),
                        tensorflow.TF_Message(status).getString(StandardCharsets.UTF_8));
            }
            List<TType> outputs = new ArrayList<>(fetches.size);
            for (int i = 0; i < fetches.size; i++) {
                TF_Tensor output = fetched.get(TF_Tensor.class, i).withDeallocator();
                outputs.add(
                        (TType)
                                TYPED_TENSOR.invokeExact(
                                        (RawTensor) RAW_TENSOR.invokeExact(output)));
            }
            return outputs;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
