package io.bactrian.model.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

class EquivalentSignaturesTest {

    @ParameterizedTest
    @ValueSource(strings = {"text-classification", "image-classification", "object-detection"})
    void bothSignaturesOfKerasAreEquivalent(String example) throws IOException {
        MetaGraphDef model = read(Path.of("src/examples/models", example, "1"));
        assertEquals(
                Map.of("serving_default", "serving_default", "serve", "serving_default"),
                EquivalentSignatures.of(model, List.of("serving_default", "serve")));
    }

    @Test
    void signaturesOfDifferentFunctionsAreDistinct() throws IOException {
        MetaGraphDef model = read(Path.of("src/test/resources/models/keras3-module/1"));
        assertEquals(
                Map.of("serving_default", "serving_default", "set_bias", "set_bias"),
                EquivalentSignatures.of(model, List.of("serving_default", "set_bias")));
    }

    private static MetaGraphDef read(Path directory) throws IOException {
        try (InputStream in = Files.newInputStream(directory.resolve("saved_model.pb"))) {
            return SavedModel.parseFrom(in).getMetaGraphs(0);
        }
    }

    // A hand-written graph with signatures a and b, both of which call f(x, w) in a wrapper.

    private final MetaGraphDef.Builder model = MetaGraphDef.newBuilder();

    EquivalentSignaturesTest() {
        model.getGraphDefBuilder().addNode(variable("w")).addNode(variable("u"));
        for (String name : List.of("a", "b")) {
            model.getGraphDefBuilder()
                    .addNode(placeholder(name + "_x", DataType.DT_FLOAT))
                    .addNode(call(name + "_y", "wrapper_" + name, name + "_x", "w"))
                    .getLibraryBuilder()
                    .addFunction(wrapper("wrapper_" + name));
            signature(name, "x", name + "_x:0", name + "_y:0");
        }
    }

    private static NodeDef.Builder node(String name, String op, String... inputs) {
        return NodeDef.newBuilder().setName(name).setOp(op).addAllInput(List.of(inputs));
    }

    private static NodeDef.Builder placeholder(String name, DataType type) {
        return node(name, "Placeholder")
                .putAttr("dtype", AttrValue.newBuilder().setType(type).build())
                .putAttr("_user_specified_name", text(name));
    }

    private static NodeDef.Builder variable(String name) {
        return node(name, "VarHandleOp").putAttr("shared_name", text(name));
    }

    private static AttrValue text(String text) {
        return AttrValue.newBuilder()
                .setS(com.google.protobuf.ByteString.copyFromUtf8(text))
                .build();
    }

    private static NodeDef.Builder call(String name, String function, String... inputs) {
        return node(name, "StatefulPartitionedCall", inputs)
                .putAttr(
                        "f",
                        AttrValue.newBuilder()
                                .setFunc(NameAttrList.newBuilder().setName(function))
                                .build());
    }

    /** The arguments of each have different names, as in functions traced one after another. */
    private static FunctionDef.Builder wrapper(String name) {
        OpDef.Builder signature = OpDef.newBuilder().setName(name);
        signature.addInputArgBuilder().setName("x_of_" + name).setType(DataType.DT_FLOAT);
        signature.addInputArgBuilder().setName("w_of_" + name).setType(DataType.DT_RESOURCE);
        signature.addOutputArgBuilder().setName("y").setType(DataType.DT_FLOAT);
        return FunctionDef.newBuilder()
                .setSignature(signature)
                .addNodeDef(call("call", "f", "x_of_" + name, "w_of_" + name))
                .addNodeDef(node("identity", "Identity", "call:output:0"))
                .putRet("y", "identity:output:0");
    }

    private void signature(String name, String key, String input, String output) {
        model.putSignatureDef(
                name,
                SignatureDef.newBuilder()
                        .putInputs(key, TensorInfo.newBuilder().setName(input).build())
                        .putOutputs("y", TensorInfo.newBuilder().setName(output).build())
                        .build());
    }

    private NodeDef.Builder graphNode(String name) {
        return model.getGraphDefBuilder().getNodeBuilderList().stream()
                .filter(node -> node.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private FunctionDef.Builder function(int index) {
        return model.getGraphDefBuilder().getLibraryBuilder().getFunctionBuilder(index);
    }

    private String representativeOfB() {
        return EquivalentSignatures.of(model.build(), List.of("a", "b")).get("b");
    }

    @Test
    void wrapperFunctionsAreIgnored() {
        assertEquals("a", representativeOfB());
    }

    static Stream<Arguments> differences() {
        return Stream.of(
                difference("another variable", it -> it.graphNode("b_y").setInput(1, "u")),
                difference(
                        "another function",
                        it ->
                                it.function(1)
                                        .setNodeDef(
                                                0,
                                                call(
                                                        "call",
                                                        "g",
                                                        "x_of_wrapper_b",
                                                        "w_of_wrapper_b"))),
                difference(
                        "arguments in another order",
                        it ->
                                it.function(1)
                                        .getNodeDefBuilder(0)
                                        .setInput(0, "w_of_wrapper_b")
                                        .setInput(1, "x_of_wrapper_b")),
                difference(
                        "another output of the function",
                        it -> it.function(1).getNodeDefBuilder(1).setInput(0, "call:output:1")),
                difference(
                        "another dtype",
                        it ->
                                it.graphNode("b_x")
                                        .putAttr(
                                                "dtype",
                                                AttrValue.newBuilder()
                                                        .setType(DataType.DT_DOUBLE)
                                                        .build())),
                difference(
                        "another name of the input",
                        it -> it.signature("b", "z", "b_x:0", "b_y:0")),
                difference(
                        "another node's second output as input",
                        it -> it.signature("b", "x", "b_x:1", "b_y:0")),
                difference("something else to wait for", it -> it.graphNode("b_y").addInput("^u")),
                difference(
                        "random numbers of its own",
                        it -> {
                            for (int i = 0; i < 2; i++) {
                                it.function(i)
                                        .setNodeDef(1, node("identity", "RandomUniform", "call"));
                            }
                        }),
                difference(
                        "an operation that nobody knows",
                        it -> {
                            for (int i = 0; i < 2; i++) {
                                it.function(i).getNodeDefBuilder(1).setOp("NobodyKnows");
                            }
                        }),
                difference(
                        "something that runs besides",
                        it -> it.function(1).addNodeDef(node("print", "PrintV2"))),
                difference(
                        "a loop",
                        it -> {
                            for (int i = 0; i < 2; i++) {
                                it.function(i).getNodeDefBuilder(1).addInput("identity:output:0");
                            }
                        }));
    }

    private static Arguments difference(
            String name, Consumer<EquivalentSignaturesTest> difference) {
        return Arguments.of(name, difference);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("differences")
    void differencesAreDetected(String name, Consumer<EquivalentSignaturesTest> difference) {
        difference.accept(this);
        assertEquals("b", representativeOfB(), name);
    }

    /** A graph as deep as it has nodes, for which a recursion would overflow the stack. */
    @Test
    void graphsOfAnyDepthAreCompared() {
        String last = "w";
        for (int i = 0; i < 50_000; i++) {
            String next = "n" + i;
            model.getGraphDefBuilder().addNode(node(next, "Identity", last));
            last = next;
        }
        graphNode("a_y").setInput(1, last);
        graphNode("b_y").setInput(1, last);
        assertEquals("a", representativeOfB());
    }
}
