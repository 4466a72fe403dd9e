package io.bactrian.model.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.bactrian.model.graph.GraphFreezer.Frozen;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

class GraphFreezerTest {

    private static final Path EXAMPLES = Path.of("src/examples/models");
    private static final long NO_LIMIT = Long.MAX_VALUE;

    private static MetaGraphDef example(String name) throws IOException {
        Path file = EXAMPLES.resolve(name).resolve("1/saved_model.pb");
        try (InputStream in = Files.newInputStream(file)) {
            return SavedModel.parseFrom(in).getMetaGraphs(0);
        }
    }

    private static List<String> tensorNames(Map<String, TensorInfo> tensors) {
        return tensors.values().stream().map(TensorInfo::getName).toList();
    }

    /** Keras exports nested functions that take the variables as arguments. */
    @ParameterizedTest
    @ValueSource(strings = {"object-detection", "image-classification"})
    void allVariablesOfAKerasModelAreReplaced(String name) throws Exception {
        MetaGraphDef model = example(name);
        SignatureDef signature = model.getSignatureDefOrThrow("serving_default");
        List<String> read = new ArrayList<>();
        GraphDef frozen =
                GraphFreezer.freeze(
                                model.getGraphDef(),
                                tensorNames(signature.getInputsMap()),
                                tensorNames(signature.getOutputsMap()),
                                (nodes, maxBytes) -> {
                                    read.addAll(nodes);
                                    return nodes.stream()
                                            .map(each -> TensorProto.getDefaultInstance())
                                            .toList();
                                },
                                NO_LIMIT)
                        .definition();
        assertFalse(read.isEmpty());
        Stream<NodeDef> nodes =
                Stream.concat(
                        frozen.getNodeList().stream(),
                        frozen.getLibrary().getFunctionList().stream()
                                .flatMap(function -> function.getNodeDefList().stream()));
        List<String> operations = nodes.map(NodeDef::getOp).toList();
        assertFalse(operations.contains("ReadVariableOp"));
        assertFalse(operations.contains("RestoreV2"), "unneeded nodes are removed");
    }

    @Test
    void modelWithATableIsNotFrozen() throws Exception {
        MetaGraphDef model = example("text-classification");
        SignatureDef signature = model.getSignatureDefOrThrow("serving_default");
        List<String> fetches = tensorNames(signature.getOutputsMap());
        assertEquals(
                "it has state: HashTableV2",
                reason(model.getGraphDef(), fetches.toArray(String[]::new)));
    }

    // Hand-written graphs that compute y from a variable w.

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

    private static GraphDef graph(NodeDef.Builder... nodes) {
        GraphDef.Builder graph = GraphDef.newBuilder();
        for (NodeDef.Builder node : nodes) {
            graph.addNode(node);
        }
        return graph.build();
    }

    /** Adds function f, which takes one resource and reads it. */
    private static GraphDef with(GraphDef graph, NodeDef.Builder... nodes) {
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
        GraphDef.Builder extended = graph.toBuilder();
        extended.getLibraryBuilder().addFunction(function);
        return extended.build();
    }

    private static List<TensorProto> sevens(List<String> nodes, long maxBytes) {
        TensorProto seven =
                TensorProto.newBuilder()
                        .setDtype(DataType.DT_FLOAT)
                        .setTensorShape(TensorShapeProto.getDefaultInstance())
                        .addFloatVal(7)
                        .build();
        return nodes.stream().map(each -> seven).toList();
    }

    private static Frozen freeze(GraphDef graph, String... fetches)
            throws GraphNotFreezableException {
        return GraphFreezer.freeze(
                graph, List.of(), List.of(fetches), GraphFreezerTest::sevens, NO_LIMIT);
    }

    private static String reason(GraphDef graph, String... fetches) {
        return assertThrows(GraphNotFreezableException.class, () -> freeze(graph, fetches))
                .getMessage();
    }

    @Test
    void readInsideAFunctionIsReplaced() throws Exception {
        GraphDef graph =
                with(
                        graph(
                                variable("w"),
                                read("saved", "w"),
                                call("y", "f", "w")
                                        .putAttr("Tout", types(DataType.DT_FLOAT))
                                        .putAttr("Tin", types(DataType.DT_RESOURCE))),
                        read("r", "v"));
        GraphDef constant = freeze(graph, "y:0").definition();
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

    static Stream<Arguments> graphsThatCannotBeFrozen() {
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
                        "f takes an unidentified resource",
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
                        "can't identify the variable that y reads",
                        graph(node("handle", "Placeholder"), read("y", "handle"))),
                Arguments.of(
                        "variable \"w\" can't be read",
                        with(graph(variable("w"), call("y", "f", "w")), read("r", "v"))),
                Arguments.of("it has no function f", graph(call("y", "f"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("graphsThatCannotBeFrozen")
    void exceptionGivesTheReason(String reason, GraphDef graph) {
        assertEquals(reason, reason(graph, "y:0"));
    }

    @Test
    void graphWithoutVariableReadsIsNotFrozen() throws Exception {
        assertNull(freeze(graph(node("y", "Const"), variable("w")), "y:0"));
    }

    /** Two reads of 25 floats each. */
    @Test
    void sizeIsCheckedBeforeVariablesAreRead() throws Exception {
        AttrValue shape =
                AttrValue.newBuilder()
                        .setShape(
                                TensorShapeProto.newBuilder()
                                        .addDim(TensorShapeProto.Dim.newBuilder().setSize(25)))
                        .build();
        GraphDef graph =
                graph(
                        variable("w")
                                .putAttr("shape", shape)
                                .putAttr("dtype", type(DataType.DT_FLOAT)),
                        read("a", "w"),
                        read("b", "w"),
                        node("y", "AddV2", "a", "b"));
        assertEquals(
                "its variables would become 0.0 MB of constants; 0.0 MB remain of the limit for all"
                        + " models",
                assertThrows(
                                GraphNotFreezableException.class,
                                () ->
                                        GraphFreezer.freeze(
                                                graph,
                                                List.of(),
                                                List.of("y:0"),
                                                (nodes, maxBytes) -> {
                                                    throw new AssertionError("read");
                                                },
                                                199))
                        .getMessage());
        GraphFreezer.freeze(graph, List.of(), List.of("y:0"), GraphFreezerTest::sevens, 200);
    }
}
