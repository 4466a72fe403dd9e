package io.bactrian.model.graph;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * The effects of running a signature other than computing its outputs, derived from its operations.
 *
 * @param sideEffect the first operation found that changes state, which a synthetic run must not
 *     do; null if there is none. See {@link StateAccess}
 * @param loop the first operation found that may run forever because it repeats or waits; null if
 *     there is none
 * @param uninterruptible the loop, if XLA compiles a part of the signature: compiled code runs as
 *     one operation, which TensorFlow does not end at a deadline; null if it can be interrupted
 * @param unavailable why TensorFlow can't execute the signature in this process, such as "operation
 *     EagerPyFunc needs Python"; null if it can
 * @param shapeDependent the first operation found that is not known to accept tensors of any shape,
 *     so that inputs must have the declared shapes; null if there is none
 */
public record SignatureEffects(
        @Nullable String sideEffect,
        @Nullable String loop,
        @Nullable String uninterruptible,
        @Nullable String unavailable,
        @Nullable String shapeDependent) {

    /** No effects: the signature computes its outputs and ends. */
    public static final SignatureEffects NONE = new SignatureEffects(null, null, null, null, null);

    private static final Set<String> PYTHON = Set.of("EagerPyFunc", "PyFunc", "PyFuncStateless");

    /** Has no kernel, since TensorFlow replaces it before it assigns operations to devices. */
    private static final String REPLACED = "AccumulateNV2";

    private static final Set<String> LOOPS =
            Set.of(
                    "Batch",
                    "BatchFunction",
                    "DatasetToSingleElement",
                    "EagerPyFunc",
                    "Enter",
                    "For",
                    "GroupByReducerDataset",
                    "NextIteration",
                    "RecordInput",
                    "RecvTPUEmbeddingActivations",
                    "ReduceDataset",
                    "RefEnter",
                    "RefNextIteration",
                    "RemoteCall",
                    "StatelessWhile",
                    "Unbatch",
                    "UnbatchGrad",
                    "While",
                    "XlaWhile");

    /** Prefixes of operations that wait for another run or another process. */
    private static final List<String> WAITING =
            List.of(
                    "AccumulatorTake",
                    "BarrierTake",
                    "Collective",
                    "IteratorGetNext",
                    "MapPeek",
                    "MapStage",
                    "MapUnstage",
                    "MultiDeviceIteratorGetNext",
                    "MutexLock",
                    "Nccl",
                    "OrderedMap",
                    "QueueDequeue",
                    "QueueEnqueue",
                    "ReaderRead",
                    "Recv",
                    "ResourceAccumulatorTake",
                    "Rpc",
                    "Send",
                    "Sleep",
                    "SparseAccumulatorTake",
                    "Stage",
                    "Unstage");

    /** Analyzes the signatures of one graph. */
    public static final class Analysis {

        private final ReachedOperations.Finder finder;

        /**
         * Creates an analysis.
         *
         * @param graph the graph with the signatures' tensors
         */
        public Analysis(GraphDef graph) {
            this.finder = new ReachedOperations.Finder(graph);
        }

        /**
         * {@return the effects of a signature}
         *
         * @param inputs names of the tensors that the signature feeds, such as {@code x:0}
         * @param outputs names of the tensors that it fetches
         */
        public SignatureEffects of(Collection<String> inputs, Collection<String> outputs) {
            ReachedOperations reached = finder.find(inputs, outputs);
            String loop =
                    reached.recursive() != null
                            ? reached.recursive()
                            : first(reached, SignatureEffects::mayNotEnd);
            return new SignatureEffects(
                    first(reached, node -> StateAccess.of(node) == StateAccess.CHANGES),
                    loop,
                    reached.isCompiled() ? loop : null,
                    unavailable(reached),
                    first(reached, node -> !ShapeTolerance.isTolerant(node)));
        }
    }

    /** {@return why the signature must not be run on synthetic inputs; null if it may} */
    public @Nullable String syntheticRunBlocker() {
        if (sideEffect != null) {
            return sideEffect + " has a side effect";
        }
        return uninterruptible == null
                ? null
                : uninterruptible + " may not end, and what XLA compiles can't be interrupted";
    }

    private static boolean mayNotEnd(NodeDef node) {
        if (node.getOp().equals("XlaCallModule")) {
            // The serialized module contains the names of its operations.
            return node.getAttrOrDefault("module", AttrValue.getDefaultInstance())
                    .getS()
                    .toString(StandardCharsets.ISO_8859_1)
                    .contains("while");
        }
        return LOOPS.contains(node.getOp())
                || WAITING.stream().anyMatch(prefix -> node.getOp().startsWith(prefix));
    }

    private static @Nullable String unavailable(ReachedOperations reached) {
        if (reached.endless() != null) {
            // TensorFlow would inline the calls until the stack overflows, which ends the process.
            return "function " + reached.endless() + " is infinitely recursive";
        }
        String missing = first(reached, node -> RegisteredOperations.find(node.getOp()) == null);
        if (missing != null) {
            return "operation "
                    + missing
                    + " is not registered: load the library that registers it (BACTRIAN_OP_LIBRARIES)";
        }
        // A branch that is not taken needs no kernel: it may be meant for GPUs.
        for (NodeDef node : operations(reached.certain(), reached)) {
            String operation = node.getOp();
            if (!operation.equals(REPLACED) && !RegisteredOperations.hasKernel(operation)) {
                return noKernel(operation);
            }
        }
        return null;
    }

    /**
     * {@return why TensorFlow found no kernel for an operation}
     *
     * @param operation the type of the operation, such as {@code MatMul}
     */
    public static String noKernel(String operation) {
        String lacks = "has no kernel in this TensorFlow";
        if (PYTHON.contains(operation)) {
            lacks = "needs Python";
        } else if (RegisteredOperations.hasKernel(operation)) {
            lacks = "has no kernel for its dtypes";
        }
        return "operation " + operation + " " + lacks;
    }

    private static @Nullable String first(ReachedOperations reached, Predicate<NodeDef> predicate) {
        return operations(reached.all(), reached).stream()
                .filter(predicate)
                .findFirst()
                .map(NodeDef::getOp)
                .orElse(null);
    }

    /** {@return the nodes, except calls of functions by name} */
    private static List<NodeDef> operations(List<NodeDef> nodes, ReachedOperations reached) {
        return nodes.stream().filter(node -> !reached.functions().contains(node.getOp())).toList();
    }
}
