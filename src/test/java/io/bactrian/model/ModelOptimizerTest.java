package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.model.GraphFreezer.NotConstantException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Fixtures;
import io.bactrian.testing.TestModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

class ModelOptimizerTest {

    private static final Path EXAMPLES = Path.of("src/examples/models");
    private static final TensorFlowConfig PLAIN = new TensorFlowConfig(1, 1, false);
    private static final long PLENTY = Long.MAX_VALUE;
    private static final TensorFlowConfig OPTIMIZED = new TensorFlowConfig(1, 1, true);

    /** Keras' own export: functions that call functions, with the variables handed through. */
    @ParameterizedTest
    @ValueSource(strings = {"object-detection", "image-classification"})
    void makesConstantsOfAllVariablesOfAModel(String name) throws Exception {
        Path path = EXAMPLES.resolve(name).resolve("1");
        SavedModelFile file = SavedModelFile.read(path);
        List<String> read = new ArrayList<>();
        Signature signature;
        try (LoadedModel model = LoadedModel.load(name, 1, path, PLAIN)) {
            signature = model.signature(null);
        }
        GraphDef constant =
                GraphFreezer.of(
                                file.metaGraph(),
                                List.of(signature),
                                (operations, most) -> {
                                    read.addAll(operations);
                                    return operations.stream()
                                            .map(each -> TensorProto.getDefaultInstance())
                                            .toList();
                                },
                                PLENTY)
                        .definition();
        assertFalse(read.isEmpty());
        Stream<NodeDef> nodes =
                Stream.concat(
                        constant.getNodeList().stream(),
                        constant.getLibrary().getFunctionList().stream()
                                .flatMap(function -> function.getNodeDefList().stream()));
        List<String> operations = nodes.map(NodeDef::getOp).toList();
        assertFalse(operations.contains("ReadVariableOp"));
        assertFalse(operations.contains("RestoreV2"), "what no signature needs is left out");
    }

    @ParameterizedTest
    @ValueSource(strings = {"object-detection", "image-classification"})
    void answersWithinTheTolerance(String name) {
        agreeOnSomething(EXAMPLES.resolve(name).resolve("1"));
    }

    @Test
    void answersWithinTheToleranceOnImageNet() {
        agreeOnSomething(Fixtures.path("imagenet-mobilenet-v1-025-128/1"));
    }

    private static void agreeOnSomething(Path path) {
        try (LoadedModel plain = LoadedModel.load("m", 1, path, PLAIN);
                LoadedModel optimized = LoadedModel.load("m", 1, path, OPTIMIZED)) {
            Signature signature = plain.signature(null);
            try (NamedTensors inputs = LoadedModel.madeUp(signature);
                    NamedTensors expected = plain.predict(signature, inputs);
                    NamedTensors actual = optimized.predict(signature, inputs)) {
                for (String output : signature.outputs().keySet()) {
                    assertTrue(
                            TensorComparison.agree(
                                    expected.get(output),
                                    actual.get(output),
                                    ModelOptimizer.TOLERANCE));
                }
            }
        }
    }

    @Test
    void leavesAModelWithTablesAsItIs() {
        SavedModelFile file = SavedModelFile.read(EXAMPLES.resolve("text-classification/1"));
        Signature signature = file.signatures().get(Signature.DEFAULT);
        assertEquals("it has state: HashTableV2", refusal(file.metaGraph(), signature));
    }

    // Graphs written by hand: y = w, or what comes of it.

    private static NodeDef.Builder node(String name, String op, String... inputs) {
        return NodeDef.newBuilder().setName(name).setOp(op).addAllInput(List.of(inputs));
    }

    private static AttrValue type(DataType type) {
        return AttrValue.newBuilder().setType(type).build();
    }

    private static AttrValue text(String text) {
        return AttrValue.newBuilder().setS(ByteString.copyFromUtf8(text)).build();
    }

    private static NodeDef.Builder variable(String name) {
        return node(name, "VarHandleOp").putAttr("shared_name", text(name));
    }

    private static NodeDef.Builder read(String name, String variable) {
        return node(name, "ReadVariableOp", variable).putAttr("dtype", type(DataType.DT_FLOAT));
    }

    private static NodeDef.Builder call(String name, String function, String... inputs) {
        return node(name, "StatefulPartitionedCall", inputs)
                .putAttr(
                        "f",
                        AttrValue.newBuilder()
                                .setFunc(NameAttrList.newBuilder().setName(function))
                                .build());
    }

    private static MetaGraphDef graph(NodeDef.Builder... nodes) {
        MetaGraphDef.Builder meta = MetaGraphDef.newBuilder();
        for (NodeDef.Builder node : nodes) {
            meta.getGraphDefBuilder().addNode(node);
        }
        return meta.build();
    }

    /** A function of one resource that it reads. */
    private static MetaGraphDef with(MetaGraphDef graph, NodeDef.Builder... nodes) {
        OpDef signature =
                OpDef.newBuilder()
                        .setName("f")
                        .addInputArg(
                                OpDef.ArgDef.newBuilder()
                                        .setName("v")
                                        .setType(DataType.DT_RESOURCE))
                        .build();
        FunctionDef.Builder function =
                FunctionDef.newBuilder().setSignature(signature).putRet("out", "r:value:0");
        for (NodeDef.Builder node : nodes) {
            function.addNodeDef(node);
        }
        MetaGraphDef.Builder meta = graph.toBuilder();
        meta.getGraphDefBuilder().getLibraryBuilder().addFunction(function);
        return meta.build();
    }

    private static Signature giving(String tensor) {
        return new Signature(
                "s",
                "",
                Map.of(),
                Map.of(
                        "y",
                        new io.bactrian.tensor.TensorSpec(
                                "y", tensor, DataType.DT_FLOAT, Shape.unknown())),
                null);
    }

    private static List<TensorProto> sevens(List<String> operations, long mostBytes) {
        TensorProto seven =
                TensorProto.newBuilder()
                        .setDtype(DataType.DT_FLOAT)
                        .setTensorShape(TensorShapeProto.getDefaultInstance())
                        .addFloatVal(7)
                        .build();
        return operations.stream().map(each -> seven).toList();
    }

    private static String refusal(MetaGraphDef graph, Signature signature) {
        return assertThrows(
                        NotConstantException.class,
                        () ->
                                GraphFreezer.of(
                                        graph,
                                        List.of(signature),
                                        ModelOptimizerTest::sevens,
                                        PLENTY))
                .getMessage();
    }

    @Test
    void readsThroughAFunction() throws Exception {
        MetaGraphDef graph =
                with(
                        graph(
                                variable("w"),
                                read("saved", "w"),
                                call("y", "f", "w")
                                        .putAttr("Tout", types(DataType.DT_FLOAT))
                                        .putAttr("Tin", types(DataType.DT_RESOURCE))),
                        read("r", "v"));
        GraphDef constant =
                GraphFreezer.of(graph, List.of(giving("y:0")), ModelOptimizerTest::sevens, PLENTY)
                        .definition();
        FunctionDef function = constant.getLibrary().getFunction(0);
        assertEquals("Const", function.getNodeDef(0).getOp());
        assertEquals("r:output:0", function.getRetOrThrow("out"));
        assertEquals(
                List.of("w", "y"), constant.getNodeList().stream().map(NodeDef::getName).toList());
    }

    private static AttrValue types(DataType type) {
        return AttrValue.newBuilder()
                .setList(AttrValue.ListValue.newBuilder().addType(type))
                .build();
    }

    private static AttrValue number(long value) {
        return AttrValue.newBuilder().setI(value).build();
    }

    static Stream<Arguments> whatIsNotConstant() {
        return Stream.of(
                Arguments.of(
                        "it has state: AssignAddVariableOp",
                        graph(
                                variable("w"),
                                node("one", "Const"),
                                node("add", "AssignAddVariableOp", "w", "one"),
                                read("y", "w").addInput("^add"))),
                Arguments.of(
                        "it has state: RandomUniform",
                        graph(
                                variable("w"),
                                node("shape", "Const"),
                                node("y", "RandomUniform", "shape").putAttr("seed", number(7)))),
                Arguments.of(
                        "it has state: HashTableV2",
                        graph(
                                variable("w"),
                                node("table", "HashTableV2"),
                                read("r", "w"),
                                node("y", "LookupTableFindV2", "table", "r", "r"))),
                Arguments.of(
                        "it has state: VariableV2",
                        graph(node("w", "VariableV2"), node("y", "Identity", "w"))),
                Arguments.of(
                        "f is called with different variables",
                        with(
                                graph(
                                        variable("w"),
                                        variable("u"),
                                        call("a", "f", "w"),
                                        call("b", "f", "u"),
                                        node("y", "AddV2", "a", "b")),
                                read("r", "v"))),
                Arguments.of(
                        "f takes a resource that is not known",
                        with(
                                graph(node("table", "Placeholder"), call("y", "f", "table")),
                                read("r", "v"))),
                Arguments.of(
                        "it has state: AssignVariableOp",
                        with(
                                graph(variable("w"), call("y", "f", "w")),
                                node("one", "Const"),
                                node("set", "AssignVariableOp", "v", "one:output:0"),
                                read("r", "v"))),
                Arguments.of(
                        "variable \"w\" is used by Identity",
                        graph(variable("w"), node("handle", "Identity", "w"), read("y", "handle"))),
                Arguments.of(
                        "it is not known what y reads",
                        graph(node("handle", "Placeholder"), read("y", "handle"))),
                Arguments.of(
                        "variable \"w\" can't be read",
                        with(graph(variable("w"), call("y", "f", "w")), read("r", "v"))),
                Arguments.of("it has no function f", graph(call("y", "f"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("whatIsNotConstant")
    void saysWhatStandsInTheWay(String reason, MetaGraphDef graph) {
        assertEquals(reason, refusal(graph, giving("y:0")));
    }

    @Test
    void hasNothingToFreezeWithoutVariables() throws Exception {
        assertNull(
                GraphFreezer.of(
                        graph(node("y", "Const"), variable("w")),
                        List.of(giving("y:0")),
                        ModelOptimizerTest::sevens,
                        PLENTY));
    }

    /** 2 reads of 25 floats each: nothing is copied to find out that they are too many. */
    @Test
    void knowsTheSizeBeforeItReads() throws Exception {
        AttrValue shape =
                AttrValue.newBuilder()
                        .setShape(
                                TensorShapeProto.newBuilder()
                                        .addDim(TensorShapeProto.Dim.newBuilder().setSize(25)))
                        .build();
        MetaGraphDef graph =
                graph(
                        variable("w")
                                .putAttr("shape", shape)
                                .putAttr("dtype", type(DataType.DT_FLOAT)),
                        read("a", "w"),
                        read("b", "w"),
                        node("y", "AddV2", "a", "b"));
        assertEquals(
                "its variables would be 0.0 MB of constants, and 0.0 MB are left for those of all"
                        + " models",
                assertThrows(
                                NotConstantException.class,
                                () ->
                                        GraphFreezer.of(
                                                graph,
                                                List.of(giving("y:0")),
                                                (operations, most) -> {
                                                    throw new AssertionError("read");
                                                },
                                                199))
                        .getMessage());
        GraphFreezer.of(graph, List.of(giving("y:0")), ModelOptimizerTest::sevens, 200);
    }

    /** Whichever it is on this machine today. */
    @Test
    void saysWhatWasTriedAndWhatWasKept() {
        Path path = EXAMPLES.resolve("image-classification/1");
        try (LoadedModel model = LoadedModel.load("m", 1, path, OPTIMIZED)) {
            String remark = remark(model);
            assertTrue(
                    remark.matches(
                            "optimized: with constants in place of variables a run takes .* ms in"
                                    + " place of .*"
                                    + "|not optimized: with constants a run takes .* ms in place of"
                                    + " .*"),
                    remark);
        }
    }

    private static String remark(LoadedModel model) {
        return model.remarks().stream()
                .filter(each -> each.contains("optimized"))
                .findFirst()
                .orElse("none");
    }

    @Test
    void leavesAModelOfWhichASignatureAssigns() {
        Path path = Path.of("src/test/resources/models/keras3-module/1");
        try (LoadedModel model = LoadedModel.load("m", 1, path, OPTIMIZED)) {
            assertEquals(
                    "not optimized: signature \"set_bias\" has a side effect, AssignVariableOp",
                    remark(model));
        }
    }

    @Test
    void leavesAModelThatReadsNothingWithoutAWord(@TempDir Path folder) throws Exception {
        TestModels.dense(folder);
        try (LoadedModel model = LoadedModel.load("m", 1, folder, OPTIMIZED)) {
            assertEquals("none", remark(model));
        }
    }

    @Test
    void limitsTheConstantsOfAllModels() {
        Path path = EXAMPLES.resolve("image-classification/1");
        long before = ModelOptimizer.CONSTANTS.reserved();
        try (MemoryBudget.Reservation others = ModelOptimizer.CONSTANTS.open()) {
            assertTrue(others.tryGrow(ModelOptimizer.CONSTANTS.limit() - before - 1));
            try (LoadedModel model = LoadedModel.load("m", 1, path, OPTIMIZED)) {
                assertEquals(
                        "not optimized: its variables would be 0.2 MB of constants, and 0.0 MB are"
                                + " left for those of all models",
                        remark(model));
            }
        }
        try (LoadedModel model = LoadedModel.load("m", 1, path, OPTIMIZED)) {
            assertEquals(
                    remark(model).startsWith("optimized"),
                    ModelOptimizer.CONSTANTS.reserved() > before);
        }
        assertEquals(before, ModelOptimizer.CONSTANTS.reserved());
    }

    static Stream<Arguments> pairs() {
        return Stream.of(
                Arguments.of(true, floats(1, 2), floats(1, 2.00001f)),
                Arguments.of(false, floats(1, 2), floats(1, 2.0001f)),
                Arguments.of(true, floats(1000, 1), floats(1000, 1.009f)),
                Arguments.of(false, floats(1000, 1), floats(1000, 1.02f)),
                Arguments.of(true, floats(Float.NaN, 1), floats(Float.NaN, 1)),
                Arguments.of(false, floats(Float.NaN, 1), floats(1, 1)),
                Arguments.of(false, floats(1), floats(Float.NaN)),
                Arguments.of(
                        true, floats(Float.POSITIVE_INFINITY), floats(Float.POSITIVE_INFINITY)),
                Arguments.of(
                        false, floats(Float.POSITIVE_INFINITY), floats(Float.NEGATIVE_INFINITY)),
                Arguments.of(false, floats(Float.POSITIVE_INFINITY, 1), floats(1, 1)),
                Arguments.of(true, floats(0f), floats(-0f)),
                Arguments.of(false, floats(1), floats(1, 1)),
                Arguments.of(false, floats(1), TInt32.vectorOf(1)),
                Arguments.of(true, TInt32.vectorOf(1, 100_000), TInt32.vectorOf(1, 100_000)),
                Arguments.of(false, TInt32.vectorOf(1, 1_000_000), TInt32.vectorOf(2, 1_000_000)),
                Arguments.of(true, TBool.vectorOf(true, false), TBool.vectorOf(true, false)),
                Arguments.of(false, TBool.vectorOf(true, false), TBool.vectorOf(true, true)),
                Arguments.of(true, strings("a", "é"), strings("a", "é")),
                Arguments.of(false, strings("a", "é"), strings("a", "e")));
    }

    private static TType floats(float... values) {
        return TFloat32.vectorOf(values);
    }

    private static TType strings(String... values) {
        return TString.tensorOf(NdArrays.vectorOfObjects(values));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void comparesTensors(boolean agree, TType a, TType b) {
        try (a;
                b) {
            assertEquals(agree, TensorComparison.agree(a, b, ModelOptimizer.TOLERANCE));
        }
    }
}
