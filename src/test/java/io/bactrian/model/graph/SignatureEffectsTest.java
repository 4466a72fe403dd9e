package io.bactrian.model.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import io.bactrian.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

class SignatureEffectsTest {

    private static NodeDef.Builder node(String name, String operation, String... inputs) {
        return NodeDef.newBuilder().setName(name).setOp(operation).addAllInput(List.of(inputs));
    }

    private static FunctionDef function(String name, NodeDef.Builder... nodes) {
        FunctionDef.Builder function =
                FunctionDef.newBuilder().setSignature(OpDef.newBuilder().setName(name));
        for (NodeDef.Builder node : nodes) {
            function.addNodeDef(node);
        }
        return function.build();
    }

    private static NodeDef.Builder calling(NodeDef.Builder node, String attribute, String name) {
        return node.putAttr(
                attribute,
                AttrValue.newBuilder().setFunc(NameAttrList.newBuilder().setName(name)).build());
    }

    private static NodeDef.Builder choosing(NodeDef.Builder node, String... names) {
        AttrValue.Builder branches = AttrValue.newBuilder();
        for (String name : names) {
            branches.getListBuilder().addFunc(NameAttrList.newBuilder().setName(name));
        }
        return node.putAttr("branches", branches.build());
    }

    private static GraphDef.Builder graph(NodeDef.Builder... nodes) {
        GraphDef.Builder graph = GraphDef.newBuilder();
        for (NodeDef.Builder node : nodes) {
            graph.addNode(node);
        }
        return graph;
    }

    private static SignatureEffects effects(GraphDef.Builder graph) {
        return new SignatureEffects.Analysis(graph.build()).of(List.of("x:0"), List.of("y:0"));
    }

    @Test
    void nodesWithoutDependentOutputAreNotReached() {
        assertEquals(
                SignatureEffects.NONE,
                effects(
                        graph(
                                node("x", "Placeholder"),
                                node("y", "Identity", "x"),
                                node("v", "VarHandleOp"),
                                node("write", "AssignVariableOp", "v", "x"))));
    }

    @Test
    void controlInputIsReached() {
        assertEquals(
                "AssignVariableOp",
                effects(
                                graph(
                                        node("x", "Placeholder"),
                                        node("y", "Identity", "x", "^write"),
                                        node("v", "VarHandleOp"),
                                        node("write", "AssignVariableOp", "v", "x")))
                        .sideEffect());
    }

    /** A model of TensorFlow 1 may be fed at the output of its own input pipeline. */
    @Test
    void nodesReplacedByAFeedAreNotReached() {
        assertEquals(
                SignatureEffects.NONE,
                effects(
                        graph(
                                node("q", "FIFOQueueV2"),
                                node("x", "QueueDequeueV2", "q"),
                                node("y", "Identity", "x:0"))));
        assertEquals(
                "QueueDequeueV2",
                effects(
                                graph(
                                        node("q", "ReadFile"),
                                        node("x", "QueueDequeueV2", "q"),
                                        node("y", "Identity", "x:1")))
                        .sideEffect());
    }

    @Test
    void functionsAreReachedByAttributeListAndName() {
        FunctionDef writes = function("writes", node("w", "WriteFile"));
        FunctionDef calls = function("calls", calling(node("c", "PartitionedCall"), "f", "writes"));
        for (NodeDef.Builder y :
                List.of(
                        calling(node("y", "StatefulPartitionedCall", "x"), "f", "writes"),
                        calling(node("y", "MapDataset", "x"), "f", "writes"),
                        calling(node("y", "SymbolicGradient", "x"), "f", "writes"),
                        calling(node("y", "XlaLaunch", "x"), "function", "writes"),
                        calling(node("y", "RemoteCall", "x"), "f", "writes"),
                        calling(node("y", "StatelessWhile", "x"), "body", "writes"),
                        calling(node("y", "While", "x"), "cond", "writes"),
                        calling(node("y", "If", "x"), "else_branch", "writes"),
                        choosing(node("y", "Case", "x"), "writes"),
                        node("y", "writes", "x"),
                        node("y", "calls", "x"),
                        calling(node("y", "PartitionedCall", "x"), "f", "calls"))) {
            GraphDef.Builder graph = graph(node("x", "Placeholder"), y);
            graph.getLibraryBuilder().addFunction(writes).addFunction(calls);
            assertEquals("WriteFile", effects(graph).sideEffect(), y.getOp());
        }
    }

    @Test
    void uncalledFunctionIsNotReached() {
        GraphDef.Builder graph = graph(node("x", "Placeholder"), node("y", "Identity", "x"));
        graph.getLibraryBuilder().addFunction(function("writes", node("w", "WriteFile")));
        assertEquals(SignatureEffects.NONE, effects(graph));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AssignVariableOp",
                "AssignAddVariableOp",
                "ResourceScatterNdUpdate",
                "ResourceApplyAdam",
                "Assign",
                "AssignAdd",
                "ScatterUpdate",
                "ApplyGradientDescent",
                "CountUpTo",
                "ResourceCountUpTo",
                "LookupTableInsertV2",
                "LookupTableInsert",
                "LookupTableRemoveV2",
                "LookupTableImportV2",
                "InitializeTableV2",
                "InitializeTableFromTextFileV2",
                "WriteFile",
                "SaveV2",
                "CacheDataset",
                "SnapshotDatasetV2",
                "CreateSummaryFileWriter",
                "WriteScalarSummary",
                "FIFOQueueV2",
                "QueueEnqueueV2",
                "QueueDequeueManyV2",
                "QueueDequeue",
                "BarrierInsertMany",
                "Stage",
                "MapUnstage",
                "ReaderReadV2",
                "WholeFileReaderV2",
                "IteratorV2",
                "IteratorGetNext",
                "OneShotIterator",
                "RngReadAndSkip",
                "StatefulUniform",
                "StatefulStandardNormalV2",
                "LearnedUnigramCandidateSampler",
                "EagerPyFunc",
                "PyFunc",
                "PyFuncStateless",
                "Batch",
                "Abort",
                "DestroyResourceOp",
                "MutexLock",
                "CollectiveReduceV2",
                "NoSuchOperation"
            })
    void operationChangesState(String operation) {
        assertEquals(
                operation,
                effects(graph(node("x", "Placeholder"), node("y", operation, "x"))).sideEffect());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MatMul",
                "ReadVariableOp",
                "ResourceGather",
                "VariableV2",
                "HashTableV2",
                "MutableHashTableV2",
                "LookupTableFindV2",
                "LookupTableSizeV2",
                "Assert",
                "Print",
                "PrintV2",
                "CheckNumericsV2",
                "ReadFile",
                "MatchingFiles",
                "RandomUniform",
                "StatelessRandomUniformV2",
                "StatelessRandomGetAlg",
                "TensorArrayV3",
                "TensorArrayWriteV3",
                "StackPushV2",
                "TensorListReserve",
                "TensorSliceDataset",
                "ReduceDataset",
                "StatefulPartitionedCall",
                "While",
                "If",
                "Switch",
                "Merge",
                "RefSwitch",
                "XlaCallModule"
            })
    void operationDoesNotChangeState(String operation) {
        assertNull(
                effects(graph(node("x", "Placeholder"), node("y", operation, "x"))).sideEffect());
    }

    @Test
    void seededRandomNumbersChangeState() {
        for (String operation :
                List.of(
                        "RandomUniform",
                        "RandomStandardNormal",
                        "TruncatedNormal",
                        "RandomShuffle",
                        "Multinomial",
                        "FractionalMaxPool")) {
            for (String seed : List.of("seed", "seed2")) {
                NodeDef.Builder random = node("y", operation, "x");
                random.putAttr(seed, AttrValue.newBuilder().setI(0).build());
                assertNull(effects(graph(node("x", "Placeholder"), random)).sideEffect());
                random.putAttr(seed, AttrValue.newBuilder().setI(7).build());
                assertEquals(
                        operation, effects(graph(node("x", "Placeholder"), random)).sideEffect());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "While",
                "StatelessWhile",
                "For",
                "Enter",
                "NextIteration",
                "ReduceDataset",
                "QueueDequeueV2",
                "QueueEnqueueV2",
                "BarrierTakeMany",
                "IteratorGetNext",
                "MutexLock",
                "Unstage",
                "BatchFunction"
            })
    void operationMayRunForever(String operation) {
        assertEquals(
                operation,
                effects(graph(node("x", "Placeholder"), node("y", operation, "x"))).loop());
    }

    @ParameterizedTest
    @ValueSource(strings = {"MatMul", "BatchMatMulV2", "AssignVariableOp", "If", "MapDefun"})
    void operationEnds(String operation) {
        GraphDef.Builder graph = graph(node("x", "Placeholder"), node("y", operation, "x"));
        assertNull(effects(graph).loop());
    }

    @Test
    void recursiveFunctionMayRunForever() {
        GraphDef.Builder graph =
                graph(
                        node("x", "Placeholder"),
                        calling(node("y", "PartitionedCall", "x"), "f", "once"));
        graph.getLibraryBuilder()
                .addFunction(function("once", node("a", "odd")))
                .addFunction(
                        function("odd", calling(node("i", "StatelessIf"), "then_branch", "even")))
                .addFunction(
                        function("even", calling(node("i", "StatelessIf"), "then_branch", "odd")));
        assertEquals("even", effects(graph).loop());
        assertFalse(String.valueOf(effects(graph).unavailable()).contains("calls itself"));
    }

    /** A run would overflow the stack, which would crash the process. */
    @Test
    void unconditionallyRecursiveFunctionIsUnavailable() {
        FunctionDef direct = function("f", calling(node("a", "PartitionedCall"), "f", "f"));
        FunctionDef byName = function("f", node("a", "f"));
        FunctionDef byWayOfAnother = function("f", calling(node("a", "MapDefun"), "f", "g"));
        FunctionDef other = function("g", calling(node("a", "StatefulPartitionedCall"), "f", "f"));
        for (FunctionDef function : List.of(direct, byName, byWayOfAnother)) {
            GraphDef.Builder graph =
                    graph(
                            node("x", "Placeholder"),
                            calling(node("y", "PartitionedCall", "x"), "f", "f"));
            graph.getLibraryBuilder().addFunction(function).addFunction(other);
            assertEquals("function f is infinitely recursive", effects(graph).unavailable());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "stdout, false",
        "stderr, false",
        "log(info), false",
        "file:///var/log/rows, true",
    })
    void printingToAFileChangesState(String stream, boolean changes) {
        NodeDef.Builder print =
                node("y", "PrintV2", "x")
                        .putAttr(
                                "output_stream",
                                AttrValue.newBuilder()
                                        .setS(ByteString.copyFromUtf8(stream))
                                        .build());
        assertEquals(
                changes ? "PrintV2" : null,
                effects(graph(node("x", "Placeholder"), print)).sideEffect());
    }

    /** For TensorFlow, an XLA computation is a single kernel, which can't be interrupted. */
    @Test
    void loopCompiledByXlaCannotBeInterrupted() {
        AttrValue yes = AttrValue.newBuilder().setB(true).build();
        FunctionDef loops = function("loops", node("w", "StatelessWhile"));
        for (NodeDef.Builder y :
                List.of(
                        calling(node("y", "PartitionedCall", "x"), "f", "loops")
                                .putAttr("_XlaMustCompile", yes),
                        calling(node("y", "XlaLaunch", "x"), "function", "loops"))) {
            GraphDef.Builder graph = graph(node("x", "Placeholder"), y);
            graph.getLibraryBuilder().addFunction(loops);
            assertEquals("StatelessWhile", effects(graph).uninterruptible());
            assertEquals(
                    "StatelessWhile may not end, and what XLA compiles can't be interrupted",
                    effects(graph).syntheticRunBlocker());
        }
        GraphDef.Builder byFunction =
                graph(
                        node("x", "Placeholder"),
                        calling(node("y", "PartitionedCall", "x"), "f", "loops"));
        byFunction.getLibraryBuilder().addFunction(loops);
        assertNull(effects(byFunction).uninterruptible());
        assertNull(effects(byFunction).syntheticRunBlocker());
        byFunction.getLibraryBuilder().getFunctionBuilder(0).putAttr("_XlaMustCompile", yes);
        assertEquals("StatelessWhile", effects(byFunction).uninterruptible());
    }

    @Test
    void loopInAnXlaModuleIsFound() {
        for (boolean loops : new boolean[] {false, true}) {
            ByteString module =
                    ByteString.copyFromUtf8(loops ? "\1vhlo\0while_v1" : "\1vhlo\0add_v1");
            NodeDef.Builder call = node("y", "XlaCallModule", "x");
            call.putAttr("module", AttrValue.newBuilder().setS(module).build());
            assertEquals(
                    loops ? "XlaCallModule" : null,
                    effects(graph(node("x", "Placeholder"), call)).uninterruptible());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "EagerPyFunc, operation EagerPyFunc needs Python",
        "PyFunc, operation PyFunc needs Python",
        "PyFuncStateless, operation PyFuncStateless needs Python",
        "BoostedTreesPredict, operation BoostedTreesPredict has no kernel in this TensorFlow",
        "Addons>Op, 'operation Addons>Op is not registered: load the library that registers it (BACTRIAN_OP_LIBRARIES)'"
    })
    void operationCannotBeExecuted(String operation, String why) {
        assertEquals(
                why,
                effects(graph(node("x", "Placeholder"), node("y", operation, "x"))).unavailable());
        GraphDef.Builder inFunction =
                graph(
                        node("x", "Placeholder"),
                        calling(node("y", "PartitionedCall", "x"), "f", "f"));
        inFunction.getLibraryBuilder().addFunction(function("f", node("n", operation)));
        assertEquals(why, effects(inFunction).unavailable());
    }

    /**
     * Keras' recurrent layers choose by the device between TensorFlow's own operations and cuDNN.
     */
    @Test
    void branchMayContainUnavailableOperation() {
        GraphDef.Builder graph =
                graph(
                        node("x", "Placeholder"),
                        choosing(node("y", "Case", "x"), "standard", "cudnn", "custom"));
        graph.getLibraryBuilder()
                .addFunction(function("standard", node("n", "MatMul")))
                .addFunction(function("cudnn", node("n", "CudnnRNNV3")))
                .addFunction(function("custom", node("n", "MatMul")));
        assertNull(effects(graph).unavailable());
        graph.getLibraryBuilder().getFunctionBuilder(2).getNodeDefBuilder(0).setOp("Missing");
        assertEquals(
                "operation Missing is not registered: load the library that registers it (BACTRIAN_OP_LIBRARIES)",
                effects(graph).unavailable());
    }

    @Test
    void replacedOperationNeedsNoKernel() {
        assertNull(
                effects(graph(node("x", "Placeholder"), node("y", "AccumulateNV2", "x")))
                        .unavailable());
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "resettable, serving_default, -, -, -",
                "resettable, reset, AssignVariableOp, -, -",
                "resettable, set_weights, AssignVariableOp, -, -",
                "call-counter, serving_default, AssignAddVariableOp, -, -",
                "user-table, serving_default, -, -, -",
                "user-table, add, AssignAddVariableOp, -, -",
                "stateful-lstm, serving_default, AssignVariableOp, While, -",
                "file-writer, serving_default, -, -, -",
                "file-writer, write, WriteFile, -, -",
                "doubling, serving_default, -, While, -",
                "file-reader, serving_default, -, StatelessWhile, -",
                "gunzip, serving_default, -, -, -",
                "rows-sorted, serving_default, -, -, -",
                "rows-free-lstm, serving_default, -, While, -",
                "keras3-saved, serving_default, -, -, -",
                "python-function, serving_default, -, -, -",
                "python-function, python, EagerPyFunc, EagerPyFunc, operation EagerPyFunc needs Python"
            })
    void effectsOfRealModels(
            String model, String signature, String sideEffect, String loop, String unavailable)
            throws IOException {
        Path file = Fixtures.path("model-kinds").resolve(model).resolve("1/saved_model.pb");
        SavedModel savedModel = SavedModel.parseFrom(Files.readAllBytes(file));
        SignatureDef definition = savedModel.getMetaGraphs(0).getSignatureDefOrThrow(signature);
        SignatureEffects effects =
                new SignatureEffects.Analysis(savedModel.getMetaGraphs(0).getGraphDef())
                        .of(
                                names(definition.getInputsMap().values()),
                                names(definition.getOutputsMap().values()));
        assertEquals(sideEffect, effects.sideEffect());
        assertEquals(loop, effects.loop());
        assertEquals(unavailable, effects.unavailable());
    }

    private static List<String> names(Collection<TensorInfo> tensors) {
        return tensors.stream().map(TensorInfo::getName).toList();
    }
}
