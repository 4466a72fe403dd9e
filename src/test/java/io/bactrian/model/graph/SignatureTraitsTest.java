package io.bactrian.model.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

class SignatureTraitsTest {

    private static NodeDef.Builder node(String name, String operation, String... inputs) {
        return NodeDef.newBuilder().setName(name).setOp(operation).addAllInput(List.of(inputs));
    }

    private static NodeDef.Builder constant(String name, double... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setDtype(DataType.DT_FLOAT);
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        if (values.length > 1) {
            shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(values.length));
        }
        for (double value : values) {
            tensor.addFloatVal((float) value);
        }
        return node(name, "Const")
                .putAttr(
                        "value",
                        AttrValue.newBuilder().setTensor(tensor.setTensorShape(shape)).build());
    }

    private static NodeDef.Builder call(String name, String function, String... inputs) {
        return node(name, "StatefulPartitionedCall", inputs)
                .putAttr(
                        "f",
                        AttrValue.newBuilder()
                                .setFunc(NameAttrList.newBuilder().setName(function))
                                .build());
    }

    private static FunctionDef function(
            String name, List<String> arguments, String result, NodeDef.Builder... nodes) {
        OpDef.Builder signature = OpDef.newBuilder().setName(name);
        arguments.forEach(each -> signature.addInputArg(OpDef.ArgDef.newBuilder().setName(each)));
        signature.addOutputArg(OpDef.ArgDef.newBuilder().setName("result"));
        FunctionDef.Builder function =
                FunctionDef.newBuilder().setSignature(signature).putRet("result", result);
        for (NodeDef.Builder each : nodes) {
            function.addNodeDef(each);
        }
        return function.build();
    }

    private static GraphDef.Builder graph(NodeDef.Builder... nodes) {
        GraphDef.Builder graph = GraphDef.newBuilder();
        for (NodeDef.Builder each : nodes) {
            graph.addNode(each);
        }
        return graph;
    }

    private static SignatureTraits traits(GraphDef.Builder graph) {
        return new SignatureTraits.Analysis(graph.build()).of(List.of("x:0"), List.of("y:0"));
    }

    private static InputScaling scaling(NodeDef.Builder... nodes) {
        GraphDef.Builder graph = graph(nodes);
        graph.addNode(node("x", "Placeholder"));
        return traits(graph).scaling("x:0");
    }

    /**
     * The largest value that the graph expects tells pixels from 0 to 255 and from 0 to 1 apart.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Mul     | x, c | 0.00392157 | x * 0.00392157  | 255",
                "Mul     | c, x | 0.00392157 | x * 0.00392157  | 255",
                "RealDiv | x, c | 255        | x * 0.00392157  | 255",
                "Sub     | x, c | 127.5      | x - 127.5       | 128.5",
                "Sub     | c, x | 1          | x * -1 + 1      | 2",
                "AddV2   | x, c | -0.5       | x - 0.5         | 1.5",
                "RealDiv | c, x | 255        | x               | 1",
                "RealDiv | x, c | 0          | x               | 1",
                "MatMul  | x, c | 2          | x               | 1",
            })
    void scalingByAConstant(
            String operation, String inputs, double constant, String text, double maximum) {
        InputScaling scaling =
                scaling(constant("c", constant), node("y", operation, inputs.split(", ")));
        assertEquals(text, scaling.toString());
        assertEquals(maximum, scaling.expectedMaximum(), maximum * 1e-5);
        assertEquals(!text.equals("x"), scaling.isPresent());
    }

    @Test
    void stepsOfAScalingAreCombined() {
        InputScaling scaling =
                scaling(
                        node("cast", "Cast", "x"),
                        node("resized", "ResizeBilinear", "cast", "size"),
                        constant("size", 8, 8),
                        constant("scale", 1 / 127.5),
                        constant("offset", -1),
                        node("scaled", "Mul", "resized", "scale"),
                        node("shape", "Shape", "scaled"),
                        node("y", "AddV2", "scaled", "offset"));
        assertEquals("x * 0.00784314 - 1", scaling.toString());
        assertEquals(255, scaling.expectedMaximum(), 1e-3);
    }

    /** As the Normalization layer of Keras does it. */
    @Test
    void scalingOfChannelsBySquareRoot() {
        InputScaling scaling =
                scaling(
                        constant("mean", 120, 110, 100),
                        constant("variance", 3600, 2500, 1600),
                        constant("epsilon", 1e-7),
                        node("root", "Sqrt", "variance"),
                        node("std", "Maximum", "root", "epsilon"),
                        node("centered", "Sub", "x", "mean"),
                        node("y", "RealDiv", "centered", "std"));
        assertEquals("x * 0.0166667 - 2", scaling.toString());
        assertEquals(180, scaling.expectedMaximum(), 1e-3);
    }

    @Test
    void scalingEndsWhereItsResultIsUsedTwiceOrAVariableIsRead() {
        assertEquals(
                "x * 2",
                scaling(
                                constant("two", 2),
                                node("scaled", "Mul", "x", "two"),
                                node("a", "Mul", "scaled", "two"),
                                node("b", "Sub", "scaled", "two"),
                                node("y", "AddV2", "a", "b"))
                        .toString());
        assertFalse(
                scaling(
                                node("v", "VarHandleOp"),
                                node("read", "ReadVariableOp", "v"),
                                node("y", "Mul", "x", "read"))
                        .isPresent());
    }

    /** Keras passes some constants as arguments, and the result of a layer may be returned. */
    @Test
    void functionsAreEnteredAndLeft() {
        GraphDef.Builder graph =
                graph(
                        node("x", "Placeholder"),
                        constant("scale", 1 / 255.0),
                        constant("offset", -1),
                        call("layer", "outer", "x", "scale"),
                        node("shifted", "AddV2", "layer:0", "offset"),
                        node("y", "Softmax", "shifted"));
        graph.getLibraryBuilder()
                .addFunction(
                        function(
                                "outer",
                                List.of("image", "factor"),
                                "inner:output:0",
                                call("inner", "rescale", "image", "factor")))
                .addFunction(
                        function(
                                "rescale",
                                List.of("inputs", "by"),
                                "mul:z:0",
                                node("mul", "Mul", "inputs", "by")));
        assertEquals("x * 0.00392157 - 1", traits(graph).scaling("x:0").toString());
    }

    @Test
    void outputOperationIsFoundInFunctions() {
        GraphDef.Builder graph =
                graph(
                        node("x", "Placeholder"),
                        call("call", "outer", "x"),
                        node("y", "Identity", "call:0"));
        graph.getLibraryBuilder()
                .addFunction(
                        function(
                                "outer",
                                List.of("in"),
                                "id:output:0",
                                node("scores", "Sigmoid", "in"),
                                node("flat", "Reshape", "scores:y:0", "in"),
                                node("id", "Identity", "flat:output:0")));
        SignatureTraits traits = traits(graph);
        assertEquals("Sigmoid", traits.outputOperation("y:0"));
        assertTrue(traits.operations().containsAll(Set.of("Sigmoid", "Reshape")));
    }

    @Test
    void outputThatIsAnInputHasItsPlaceholderAsOperation() {
        GraphDef.Builder graph = graph(node("x", "Placeholder"), call("y", "identity", "x"));
        graph.getLibraryBuilder().addFunction(function("identity", List.of("in"), "in"));
        assertEquals("Placeholder", traits(graph).outputOperation("y:0"));
    }

    /** Loops of TensorFlow 1 are cycles. */
    @Test
    void cyclesEnd() {
        SignatureTraits traits =
                traits(
                        graph(
                                node("x", "Placeholder"),
                                node("y", "Identity", "z"),
                                node("z", "Identity", "y")));
        assertNull(traits.outputOperation("y:0"));
    }
}
