package io.bactrian.model;

import org.tensorflow.proto.ConfigProto;

/**
 * How TensorFlow runs models.
 *
 * @param intraOp threads that share one operation's work; 0 lets TensorFlow choose by the machine's
 *     cores, which in a container are more than it may use
 * @param interOp threads that run a graph's operations side by side where a run does not stay on
 *     its caller's thread; 0 lets TensorFlow choose
 * @param optimize whether a model's variables are turned into constants when it is loaded, where
 *     that is measured to be faster and to give the same answers: see {@link ModelOptimizer}
 */
public record TensorFlowConfig(int intraOp, int interOp, boolean optimize) {

    /**
     * The default. With several requests there is a run a core, and operations that share their
     * work as well only get in each other's way: on 2 cores MobileNetV2 ran 263 times a second with
     * one thread in an operation and 181 times with two, and even a lone run took 7.6 against 9.1
     * ms.
     *
     * @return half as many threads in an operation as this process may use cores, at least one, and
     *     models optimized
     */
    public static TensorFlowConfig defaults() {
        int cores = Runtime.getRuntime().availableProcessors();
        return new TensorFlowConfig(Math.max(1, cores / 2), cores, true);
    }

    /** {@return this, but with models left as they are} */
    public TensorFlowConfig withoutOptimization() {
        return new TensorFlowConfig(intraOp, interOp, false);
    }

    /** {@return TensorFlow's own form} */
    public ConfigProto toProto() {
        return ConfigProto.newBuilder()
                .setIntraOpParallelismThreads(intraOp)
                .setInterOpParallelismThreads(interOp)
                .build();
    }

    /**
     * {@return the same for a session whose graph never grows} It does not keep the graph once it
     * has made executors of it: with MobileNetV2's constants 17 MB less.
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
