package io.bactrian.model;

import org.tensorflow.proto.ConfigProto;

/**
 * How TensorFlow may use the processor.
 *
 * @param intraOp threads that share one operation's work; 0 lets TensorFlow choose by the machine's
 *     cores, which in a container are more than it may use
 * @param interOp threads that run a graph's operations side by side where a run does not stay on
 *     its caller's thread; 0 lets TensorFlow choose
 */
public record TensorFlowThreads(int intraOp, int interOp) {

    /**
     * @return one thread for each core this process may use
     */
    public static TensorFlowThreads ofAvailableCores() {
        int cores = Runtime.getRuntime().availableProcessors();
        return new TensorFlowThreads(cores, cores);
    }

    /**
     * @return TensorFlow's own form
     */
    public ConfigProto toConfig() {
        return ConfigProto.newBuilder()
                .setIntraOpParallelismThreads(intraOp)
                .setInterOpParallelismThreads(interOp)
                .build();
    }
}
