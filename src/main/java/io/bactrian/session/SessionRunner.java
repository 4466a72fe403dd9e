package io.bactrian.session;

import io.bactrian.limit.Deadline;
import io.bactrian.tensor.TensorFlowStatus;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operation;
import org.tensorflow.RawTensor;
import org.tensorflow.Session;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.internal.c_api.TF_Operation;
import org.tensorflow.internal.c_api.TF_Session;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.types.family.TType;

/**
 * The caller of TF_SessionRun for one session. Safe for use by many threads at once.
 *
 * <p>TensorFlow Java's own {@link Session.Runner} does not report the status of a failure: version
 * 1.1.0 throws the same exception for NOT_FOUND, DEADLINE_EXCEEDED, DATA_LOSS, UNAVAILABLE and five
 * others. It also fails, without freeing anything, if one of the fetched tensors has a dtype that
 * it has no class for. Since it does not expose its native handles, they are read by reflection.
 *
 * <p>By default a run executes on the calling thread: {@code RunOptions.inter_op_thread_pool = -1}
 * saves two thread switches, which take longer than a small model's arithmetic. Such a run ignores
 * the timeout of RunOptions, so a run with a deadline executes on TensorFlow's threads.
 */
public final class SessionRunner {

    private static final TF_Buffer ON_CALLING_THREAD =
            TF_Buffer.newBufferFromString(RunOptions.newBuilder().setInterOpThreadPool(-1).build());

    private static final VarHandle SESSION;
    private static final MethodHandle TENSOR;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            SESSION =
                    MethodHandles.privateLookupIn(Session.class, lookup)
                            .findVarHandle(Session.class, "nativeHandle", TF_Session.class);
            TENSOR =
                    MethodHandles.privateLookupIn(RawTensor.class, lookup)
                            .findVirtual(
                                    RawTensor.class,
                                    "nativeHandle",
                                    MethodType.methodType(TF_Tensor.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final TF_Session session;

    /**
     * @param session must stay open while this object is used
     */
    public SessionRunner(Session session) {
        this.session = (TF_Session) SESSION.get(session);
    }

    /**
     * Runs the graph on the calling thread, without a time limit.
     *
     * @param feeds the tensors to feed
     * @param inputs their values, in the same order; still owned by the caller
     * @param fetches the tensors to compute
     * @return the computed tensors, owned by the caller
     * @throws SessionRunException if TensorFlow reports a failure
     */
    public RunOutputs run(GraphTensors feeds, List<? extends TType> inputs, GraphTensors fetches) {
        return run(ON_CALLING_THREAD, feeds, inputs, fetches, List.of());
    }

    /**
     * Runs the graph on TensorFlow's threads, until the deadline.
     *
     * @param feeds the tensors to feed
     * @param inputs their values, in the same order; still owned by the caller
     * @param fetches the tensors to compute
     * @param deadline when TensorFlow ends the run
     * @return the computed tensors, owned by the caller
     * @throws SessionRunException if TensorFlow reports a failure, DEADLINE_EXCEEDED included
     */
    public RunOutputs run(
            GraphTensors feeds,
            List<? extends TType> inputs,
            GraphTensors fetches,
            Deadline deadline) {
        RunOptions.Builder options = RunOptions.newBuilder();
        Duration remaining = deadline.remaining();
        if (remaining != null) {
            // 0 would mean no limit.
            options.setTimeoutInMs(Math.max(1, remaining.toMillis()));
        }
        try (TF_Buffer buffer = TF_Buffer.newBufferFromString(options.build())) {
            return run(buffer, feeds, inputs, fetches, List.of());
        }
    }

    /**
     * Computes tensors without feeding any, on the calling thread.
     *
     * @param fetches the tensors to compute
     * @return the tensors, owned by the caller
     * @throws SessionRunException if TensorFlow reports a failure
     */
    public RunOutputs fetch(GraphTensors fetches) {
        return run(GraphTensors.NONE, List.of(), fetches);
    }

    /**
     * Runs operations for their effects, on the calling thread.
     *
     * @param targets the operations to run
     * @throws SessionRunException if TensorFlow reports a failure
     */
    public void execute(List<Operation> targets) {
        run(ON_CALLING_THREAD, GraphTensors.NONE, List.of(), GraphTensors.NONE, targets).close();
    }

    private RunOutputs run(
            TF_Buffer options,
            GraphTensors feeds,
            List<? extends TType> inputs,
            GraphTensors fetches,
            List<Operation> targets) {
        try (TF_Status status = TF_Status.newStatus();
                PointerPointer<TF_Tensor> fed = new PointerPointer<>(Math.max(1, feeds.size()));
                PointerPointer<TF_Tensor> fetched =
                        new PointerPointer<>(Math.max(1, fetches.size()));
                PointerPointer<TF_Operation> targeted = handles(targets)) {
            for (int i = 0; i < feeds.size(); i++) {
                fed.put(i, (TF_Tensor) TENSOR.invokeExact(inputs.get(i).asRawTensor()));
            }
            tensorflow.TF_SessionRun(
                    session,
                    options,
                    feeds.outputs(),
                    fed,
                    feeds.size(),
                    fetches.outputs(),
                    fetched,
                    fetches.size(),
                    targeted,
                    targets.size(),
                    null,
                    status);
            int code = tensorflow.TF_GetCode(status);
            if (code != tensorflow.TF_OK) {
                throw new SessionRunException(
                        TensorFlowStatus.of(code),
                        tensorflow.TF_Message(status).getString(StandardCharsets.UTF_8));
            }
            TF_Tensor[] outputs = new TF_Tensor[fetches.size()];
            for (int i = 0; i < outputs.length; i++) {
                outputs[i] = fetched.get(TF_Tensor.class, i).withDeallocator();
            }
            return new RunOutputs(outputs);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return the operations as the C API takes them; null if there are none} */
    private static @Nullable PointerPointer<TF_Operation> handles(List<Operation> operations) {
        if (operations.isEmpty()) {
            return null;
        }
        PointerPointer<TF_Operation> handles = new PointerPointer<>(operations.size());
        for (int i = 0; i < operations.size(); i++) {
            handles.put(i, ((GraphOperation) operations.get(i)).getUnsafeNativeHandle());
        }
        return handles;
    }
}
