package io.bactrian.model.graph;

import java.util.List;
import java.util.Set;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * What executing an operation has to do with state: that of the session, of the process, or of the
 * world outside.
 *
 * <p>TensorFlow's registry says which operations are stateful, which is both too much (TensorFlow
 * marks operations so that it does not fold or merge them) and too little (reference variables of
 * TensorFlow 1, datasets that write files). The lists here correct it. What neither they nor the
 * registry knows counts as {@link #CHANGES}.
 */
public enum StateAccess {

    /** None that outlives the run. */
    NONE,

    /** Depends on what an earlier run may have left, and leaves nothing itself. */
    READS,

    /** Leaves something behind: a later run, or the world, can tell that it was executed. */
    CHANGES;

    /** Stateful by the registry, and yet their state is made by the run and gone after it. */
    private static final Set<String> HARMLESS =
            Set.of(
                    // These only execute functions, which are looked at themselves.
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
                    // These write to the log at most.
                    "Assert",
                    "CheckNumerics",
                    "CheckNumericsV2",
                    "Print",
                    "PrintV2",
                    // These are not to be folded: they depend on the machine, the time or a file.
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
                    // These make something new at each execution.
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
                    // TensorFlow keeps these in a container that lives as long as the run.
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

    /** Stateful by the registry, or fed a reference, and yet they only look. */
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

    /** Not stateful by the registry, and yet they write files, keep tensors, or end the process. */
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
     * Random numbers. Without a seed they differ each time; with one they are a sequence, of which
     * an execution takes the next.
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
     * {@return what executing a node has to do with state, functions that it executes not counted}
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
            // Tokens order the effects that a module has besides those of its functions.
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
