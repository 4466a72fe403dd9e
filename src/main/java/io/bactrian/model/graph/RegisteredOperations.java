package io.bactrian.model.graph;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.internal.c_api.TF_Graph;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.KernelList;
import org.tensorflow.proto.OpDef;

/**
 * The operations that are registered in this process, including those of loaded libraries. They are
 * looked up one by one, since parsing the list of all operations is slow.
 */
final class RegisteredOperations {

    private static final Map<String, OpDef> DEFINITIONS = new ConcurrentHashMap<>();
    private static final Map<String, Boolean> KERNELS = new ConcurrentHashMap<>();

    private RegisteredOperations() {}

    /** {@return an operation's definition, or null if it is not registered} */
    static @Nullable OpDef find(String operation) {
        return DEFINITIONS.computeIfAbsent(operation, RegisteredOperations::lookUp);
    }

    /** {@return whether any device of this process can execute a registered operation} */
    static boolean hasKernel(String operation) {
        return KERNELS.computeIfAbsent(operation, RegisteredOperations::lookUpKernel);
    }

    private static @Nullable OpDef lookUp(String operation) {
        try (TF_Graph graph = TF_Graph.newGraph();
                TF_Status status = TF_Status.newStatus();
                TF_Buffer definition = TF_Buffer.newBuffer()) {
            tensorflow.TF_GraphGetOpDef(graph, operation, definition, status);
            if (tensorflow.TF_GetCode(status) == tensorflow.TF_NOT_FOUND) {
                return null;
            }
            status.throwExceptionIfNotOK();
            return OpDef.parseFrom(definition.copyData());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("can't read the definition of " + operation, e);
        }
    }

    private static boolean lookUpKernel(String operation) {
        try (TF_Status status = TF_Status.newStatus()) {
            TF_Buffer kernels = tensorflow.TF_GetRegisteredKernelsForOp(operation, status);
            status.throwExceptionIfNotOK();
            byte[] list = kernels.copyData();
            tensorflow.TF_DeleteBuffer(kernels);
            return KernelList.parseFrom(list).getKernelCount() > 0;
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("can't read the kernels of " + operation, e);
        }
    }
}
