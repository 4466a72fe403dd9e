package io.bactrian.model.graph;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * What running a signature involves besides computing its outputs, as far as its operations tell.
 *
 * @param sideEffect the first operation found that changes state, so that a run that nobody asked
 *     for could be noticed; null if none does. See {@link StateAccess}
 * @param loop the first operation found that may not end by itself, since it repeats or waits; null
 *     if there is none
 * @param uninterruptible the loop, where XLA compiles part of the signature: what XLA compiled runs
 *     as one operation, which TensorFlow does not end at a deadline; null if it does
 * @param unavailable why TensorFlow can't execute the signature in this process, such as "operation
 *     EagerPyFunc needs Python"; null if nothing stands in the way
 * @param shapeDependent the first operation found that is not known to take tensors of any shape,
 *     so that the inputs' declared shapes must be kept; null if all are
 */
public record SignatureEffects(
        String sideEffect,
        String loop,
        String uninterruptible,
        String unavailable,
        String shapeDependent) {

    /** Computes its outputs and ends. */
    public static final SignatureEffects NONE = new SignatureEffects(null, null, null, null, null);

    private static final Set<String> PYTHON = Set.of("EagerPyFunc", "PyFunc", "PyFuncStateless");

    /** Has no kernel, since TensorFlow replaces it before it places a graph's operations. */
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

    /** How the operations begin that wait for what another run, or another process, does. */
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

    /** The signatures of one graph. */
    public static final class Analysis {

        private final ReachedOperations.Finder finder;

        public Analysis(GraphDef graph) {
            this.finder = new ReachedOperations.Finder(graph);
        }

        /**
         * {@return what running a signature involves}
         *
         * @param inputs the tensors that the signature takes, such as {@code x:0}
         * @param outputs the tensors that it gives
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
    public String syntheticRunBlocker() {
        if (sideEffect != null) {
            return sideEffect + " has a side effect";
        }
        return uninterruptible == null
                ? null
                : uninterruptible + " may not end, and what XLA compiles can't be interrupted";
    }

    private static boolean mayNotEnd(NodeDef node) {
        if (node.getOp().equals("XlaCallModule")) {
            // The names of its own operations are in there, the loops' too.
            return node.getAttrOrDefault("module", AttrValue.getDefaultInstance())
                    .getS()
                    .toString(StandardCharsets.ISO_8859_1)
                    .contains("while");
        }
        return LOOPS.contains(node.getOp())
                || WAITING.stream().anyMatch(prefix -> node.getOp().startsWith(prefix));
    }

    private static String unavailable(ReachedOperations reached) {
        if (reached.endless() != null) {
            // TensorFlow follows the calls until the stack is full, and that ends the process.
            return "function " + reached.endless() + " calls itself without end";
        }
        String missing = first(reached, node -> RegisteredOperations.find(node.getOp()) == null);
        if (missing != null) {
            return "operation "
                    + missing
                    + " is not registered: load the library that has it (BACTRIAN_OP_LIBRARIES)";
        }
        // A branch that is not taken needs no kernel, such as one for GPUs on a machine without.
        for (NodeDef node : operations(reached.certain(), reached)) {
            String operation = node.getOp();
            if (!operation.equals(REPLACED) && !RegisteredOperations.hasKernel(operation)) {
                return noKernel(operation);
            }
        }
        return null;
    }

    /** {@return why an operation can't be executed for which TensorFlow found no kernel} */
    public static String noKernel(String operation) {
        String lacks = "has no kernel in this TensorFlow";
        if (PYTHON.contains(operation)) {
            lacks = "needs Python";
        } else if (RegisteredOperations.hasKernel(operation)) {
            lacks = "has no kernel for its dtypes";
        }
        return "operation " + operation + " " + lacks;
    }

    private static String first(ReachedOperations reached, Predicate<NodeDef> predicate) {
        return operations(reached.all(), reached).stream()
                .filter(predicate)
                .findFirst()
                .map(NodeDef::getOp)
                .orElse(null);
    }

    /** {@return the nodes but for those that are calls of functions by name} */
    private static List<NodeDef> operations(List<NodeDef> nodes, ReachedOperations reached) {
        return nodes.stream().filter(node -> !reached.functions().contains(node.getOp())).toList();
    }
}
