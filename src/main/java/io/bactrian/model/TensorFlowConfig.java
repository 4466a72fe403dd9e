package io.bactrian.model;

import org.tensorflow.proto.ConfigProto;

/**
 * The configuration of TensorFlow's threads and of optimization.
 *
 * @param intraOp threads that share the work of one operation; 0 lets TensorFlow use the machine's
 *     core count, which ignores a container's limit
 * @param interOp threads that execute a graph's operations in parallel, for runs that do not
 *     execute on the calling thread; 0 lets TensorFlow choose
 * @param optimize whether to replace a model's variables with constants at load if a measurement
 *     shows that it is faster with the same outputs: see {@link ModelOptimizer}
 */
public record TensorFlowConfig(int intraOp, int interOp, boolean optimize) {

    /**
     * The default. Concurrent requests occupy one core each, so sharing the work of one operation
     * among many threads as well only adds contention.
     *
     * @return half as many threads per operation as this process may use cores, at least one, and
     *     optimization enabled
     */
    public static TensorFlowConfig defaults() {
        int cores = Runtime.getRuntime().availableProcessors();
        return new TensorFlowConfig(Math.max(1, cores / 2), cores, true);
    }

    /** {@return this configuration without optimization} */
    public TensorFlowConfig withoutOptimization() {
        return new TensorFlowConfig(intraOp, interOp, false);
    }

    /** {@return this configuration as TensorFlow takes it} */
    public ConfigProto toProto() {
        return ConfigProto.newBuilder()
                .setIntraOpParallelismThreads(intraOp)
                .setInterOpParallelismThreads(interOp)
                .build();
    }

    /**
     * {@return the configuration for a session whose graph is never extended} Such a session does
     * not keep the graph once it has created executors for it, which saves the memory of its
     * constants.
     */
    ConfigProto toStaticGraphProto() {
        return toProto().toBuilder()
                .setExperimental(
                        ConfigProto.Experimental.newBuilder()
                                .setOptimizeForStaticGraph(true)
                                .setDisableOutputPartitionGraphs(true))
                .build();
    }
}
