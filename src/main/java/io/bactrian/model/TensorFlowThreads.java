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
     * The default. With several requests there is a run a core, and operations that share their
     * work as well only get in each other's way: on 2 cores MobileNetV2 ran 263 times a second with
     * one thread in an operation and 181 times with two, and even a lone run took 7.6 against 9.1
     * ms.
     *
     * @return half as many threads in an operation as this process may use cores, at least one
     */
    public static TensorFlowThreads ofAvailableCores() {
        int cores = Runtime.getRuntime().availableProcessors();
        return new TensorFlowThreads(Math.max(1, cores / 2), cores);
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
