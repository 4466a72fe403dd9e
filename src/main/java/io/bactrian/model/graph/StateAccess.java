package io.bactrian.model.graph;

import java.util.List;
import java.util.Set;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * An operation's access to state of the session, of the process, or outside the process.
 *
 * <p>TensorFlow's registry marks operations as stateful. It marks too many, in order to prevent
 * folding or merging, and too few: reference variables of TensorFlow 1 and datasets that write
 * files are not marked. The lists in this class correct it. Unknown operations are treated as
 * {@link #CHANGES}.
 */
public enum StateAccess {

    /** Accesses no state that outlives the run. */
    NONE,

    /** Reads state that an earlier run may have changed, and changes none. */
    READS,

    /** Changes state that a later run, or the outside world, can observe. */
    CHANGES;

    /** Stateful according to the registry, but their state does not outlive the run. */
    private static final Set<String> HARMLESS =
            Set.of(
                    // These execute functions, whose nodes are examined.
                    "StatefulPartitionedCall",
                    "While",
                    "If",
                    "Case",
                    "RemoteCall",
                    "XlaLaunch",
                    "XlaIf",
                    "XlaWhile",
                    "ReduceDataset",
                    "DatasetToSingleElement",
                    "GroupByReducerDataset",
                    // These only write to the log.
                    "Assert",
                    "CheckNumerics",
                    "CheckNumericsV2",
                    "Print",
                    "PrintV2",
                    // These must not be folded: they depend on the machine, the time or a file.
                    "DeviceIndex",
                    "IsTensorFloat32Enabled",
                    "LoadAndRemapMatrix",
                    "NonDeterministicInts",
                    "Restore",
                    "RestoreSlice",
                    "RestoreV2",
                    "StatelessRandomGetAlg",
                    "Timestamp",
                    "CSVDataset",
                    "CSVDatasetV2",
                    "FixedLengthRecordDataset",
                    "FixedLengthRecordDatasetV2",
                    "MatchingFilesDataset",
                    "TFRecordDataset",
                    "TFRecordDatasetV2",
                    "TextLineDataset",
                    // These create a new resource in each execution.
                    "AnonymousHashTable",
                    "AnonymousMutableDenseHashTable",
                    "AnonymousMutableHashTable",
                    "AnonymousMutableHashTableOfTensors",
                    "AnonymousRandomSeedGenerator",
                    "AnonymousSeedGenerator",
                    "DeepCopy",
                    "DummySeedGenerator",
                    "Empty",
                    "GuaranteeConst",
                    "ListDataset",
                    "RandomDataset",
                    "RandomDatasetV2",
                    "RangeDataset",
                    "SparseTensorSliceDataset",
                    "TensorDataset",
                    "TensorSliceDataset",
                    // TensorFlow keeps these in a container that is deleted after the run.
                    "Stack",
                    "StackCloseV2",
                    "StackPopV2",
                    "StackPushV2",
                    "StackV2",
                    "StackClose",
                    "StackPop",
                    "StackPush",
                    "TensorArray",
                    "TensorArrayClose",
                    "TensorArrayCloseV3",
                    "TensorArrayConcat",
                    "TensorArrayConcatV3",
                    "TensorArrayGather",
                    "TensorArrayGatherV3",
                    "TensorArrayGrad",
                    "TensorArrayGradV2",
                    "TensorArrayGradV3",
                    "TensorArrayGradWithShape",
                    "TensorArrayPack",
                    "TensorArrayRead",
                    "TensorArrayReadV3",
                    "TensorArrayScatter",
                    "TensorArrayScatterV3",
                    "TensorArraySize",
                    "TensorArraySizeV3",
                    "TensorArraySplit",
                    "TensorArraySplitV3",
                    "TensorArrayUnpack",
                    "TensorArrayV2",
                    "TensorArrayV3",
                    "TensorArrayWrite",
                    "TensorArrayWriteV3");

    /** Stateful according to the registry, or with a reference input, but they only read. */
    private static final Set<String> READERS =
            Set.of(
                    "HashTable",
                    "HashTableV2",
                    "IsVariableInitialized",
                    "LookupTableExport",
                    "LookupTableExportV2",
                    "LookupTableFind",
                    "LookupTableFindV2",
                    "LookupTableSize",
                    "LookupTableSizeV2",
                    "MutableDenseHashTable",
                    "MutableDenseHashTableV2",
                    "MutableHashTable",
                    "MutableHashTableOfTensors",
                    "MutableHashTableOfTensorsV2",
                    "MutableHashTableV2",
                    "ReadVariableOp",
                    "RefEnter",
                    "RefExit",
                    "RefIdentity",
                    "RefMerge",
                    "RefNextIteration",
                    "RefSelect",
                    "RefSwitch",
                    "ResourceGather",
                    "ResourceGatherNd",
                    "VarHandleOp",
                    "VarIsInitializedOp",
                    "Variable",
                    "VariableShape",
                    "VariableV2");

    /**
     * Stateless according to the registry, but they write files, keep tensors or end the process.
     */
    private static final Set<String> HARMFUL =
            Set.of(
                    "Abort",
                    "Batch",
                    "CacheDataset",
                    "DebugIdentity",
                    "DebugNanCount",
                    "DebugNumericSummary",
                    "EagerPyFunc",
                    "PyFunc",
                    "PyFuncStateless",
                    "RegisterDataset",
                    "RegisterDatasetV2",
                    "SnapshotDataset",
                    "SnapshotDatasetV2",
                    "Unbatch",
                    "UnbatchGrad");

    /**
     * Random number generators. Without a seed, numbers differ in each execution; with a seed they
     * form a sequence, which an execution advances.
     */
    private static final Set<String> RANDOM =
            Set.of(
                    "AllCandidateSampler",
                    "FixedUnigramCandidateSampler",
                    "FractionalAvgPool",
                    "FractionalMaxPool",
                    "LogUniformCandidateSampler",
                    "Multinomial",
                    "ParameterizedTruncatedNormal",
                    "RandomCrop",
                    "RandomGamma",
                    "RandomPoisson",
                    "RandomPoissonV2",
                    "RandomShuffle",
                    "RandomStandardNormal",
                    "RandomUniform",
                    "RandomUniformInt",
                    "SampleDistortedBoundingBox",
                    "SampleDistortedBoundingBoxV2",
                    "TruncatedNormal",
                    "UniformCandidateSampler");

    private static final List<String> SEEDS = List.of("seed", "seed2");

    /**
     * {@return the state access of a node, without that of functions that it executes}
     *
     * @param node a node of a graph or function
     */
    public static StateAccess of(NodeDef node) {
        String operation = node.getOp();
        if (operation.equals("PrintV2") && printsToFile(node)) {
            return CHANGES;
        }
        if (HARMLESS.contains(operation)) {
            return NONE;
        }
        if (READERS.contains(operation)) {
            return READS;
        }
        if (RANDOM.contains(operation)) {
            return isSeeded(node) ? CHANGES : NONE;
        }
        if (operation.equals("XlaCallModule")) {
            // A module with tokens has effects of its own, which the tokens order.
            return node.containsAttr("has_token_input_output")
                            && node.getAttrOrThrow("has_token_input_output").getB()
                    ? CHANGES
                    : NONE;
        }
        OpDef definition = RegisteredOperations.find(operation);
        return definition == null
                        || definition.getIsStateful()
                        || HARMFUL.contains(operation)
                        || definition.getInputArgList().stream().anyMatch(OpDef.ArgDef::getIsRef)
                ? CHANGES
                : NONE;
    }

    private static boolean printsToFile(NodeDef node) {
        return node.containsAttr("output_stream")
                && node.getAttrOrThrow("output_stream").getS().toStringUtf8().startsWith("file:");
    }

    private static boolean isSeeded(NodeDef node) {
        return SEEDS.stream()
                .anyMatch(seed -> node.containsAttr(seed) && node.getAttrOrThrow(seed).getI() != 0);
    }
}
