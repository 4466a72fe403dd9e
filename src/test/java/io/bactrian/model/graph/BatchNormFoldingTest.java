package io.bactrian.model.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.nn.Conv2d;
import org.tensorflow.op.nn.FusedBatchNorm;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TFloat32;

/** A folded graph must have fewer operations than the original, and the same outputs. */
class BatchNormFoldingTest {

    private static final int IN = 3;

    /** Relative to the output's largest magnitude, or to 1 if that is smaller. */
    private static final float TOLERANCE = 1e-5f;

    private static final Shape IMAGE = Shape.of(2, 9, 9, IN);

    private final Random random = new Random(5);
    private final Graph graph = new Graph();
    private final Ops tf = Ops.create(graph);
    private final Operand<TFloat32> x =
            tf.withName("x").placeholder(TFloat32.class, Placeholder.shape(IMAGE));

    private Operand<TFloat32> constant(Shape shape, double min, double max) {
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (min + (max - min) * random.nextDouble());
        }
        return tf.constant(TFloat32.tensorOf(shape, DataBuffers.of(values)));
    }

    private Operand<TFloat32> convolution(String kind, int multiplier) {
        List<Long> strides = List.of(1L, 1L, 1L, 1L);
        if (kind.equals("DepthwiseConv2dNative")) {
            Operand<TFloat32> filter = constant(Shape.of(3, 3, IN, multiplier), -1, 1);
            return tf.nn.depthwiseConv2dNative(x, filter, strides, "SAME");
        }
        return tf.nn.conv2d(
                x,
                constant(Shape.of(3, 3, IN, IN * multiplier), -1, 1),
                strides,
                "VALID",
                Conv2d.dilations(1L, 2L, 2L, 1L));
    }

    @ParameterizedTest(name = "{0} × {1}, then {2} by [{3}]")
    @CsvSource({
        "Conv2D, 1, scale, flat",
        "Conv2D, 2, scale, wide",
        "Conv2D, 2, shift, flat",
        "Conv2D, 2, scale shift, flat",
        "Conv2D, 2, scale shift, wide",
        "Conv2D, 2, bias scale shift, wide",
        "Conv2D, 2, bias shift, flat",
        "Conv2D, 3, normalize, flat",
        "Conv2D, 3, bias normalize, flat",
        "Conv2D, 3, normalize scale, flat",
        "DepthwiseConv2dNative, 1, scale, flat",
        "DepthwiseConv2dNative, 2, scale, wide",
        "DepthwiseConv2dNative, 2, shift, wide",
        "DepthwiseConv2dNative, 2, scale shift, flat",
        "DepthwiseConv2dNative, 2, bias scale shift, flat",
        "DepthwiseConv2dNative, 3, normalize, flat",
        "DepthwiseConv2dNative, 3, bias normalize, flat",
    })
    void foldedGraphHasFewerOperationsAndSameOutput(
            String kind, int multiplier, String steps, String layout) {
        int channels = IN * multiplier;
        Shape shape = layout.equals("flat") ? Shape.of(channels) : Shape.of(1, 1, 1, channels);
        Shape flat = Shape.of(channels);
        Operand<TFloat32> y = convolution(kind, multiplier);
        for (String step : steps.split(" ")) {
            y =
                    switch (step) {
                        case "scale" -> tf.math.mul(constant(shape, -2, 2), y);
                        case "shift" -> tf.math.add(y, constant(shape, -2, 2));
                        case "bias" -> tf.nn.biasAdd(y, constant(flat, -2, 2));
                        default ->
                                tf.nn.fusedBatchNorm(
                                                y,
                                                constant(flat, 0.5, 2),
                                                constant(flat, -1, 1),
                                                constant(flat, -1, 1),
                                                constant(flat, 0.1, 2),
                                                FusedBatchNorm.isTraining(false),
                                                FusedBatchNorm.epsilon(0.01f))
                                        .y();
                    };
        }
        tf.withName("y").nn.relu6(y);
        GraphDef folded = fold();
        NodeDef activation = node(folded, "y");
        NodeDef last = node(folded, activation.getInput(0));
        if (steps.equals("scale")) {
            assertEquals(kind, last.getOp());
        } else {
            assertEquals("BiasAdd", last.getOp());
            assertEquals(kind, node(folded, last.getInput(0)).getOp());
        }
        assertEquals(1, folded.getNodeList().stream().filter(n -> n.getOp().equals(kind)).count());
    }

    @ParameterizedTest
    @CsvSource({"scalar", "twice", "image", "row", "varying", "training"})
    void otherOperationsAreNotFolded(String obstacle) {
        int channels = 2 * IN;
        Operand<TFloat32> y = convolution("Conv2D", 2);
        switch (obstacle) {
            case "scalar" -> y = tf.math.mul(y, constant(Shape.of(1), 2, 3));
            case "twice" -> y = tf.math.mul(tf.math.mul(y, y), constant(Shape.of(channels), 2, 3));
            case "image" -> y = tf.math.mul(y, constant(Shape.of(5, 5, channels), 2, 3));
            case "row" -> y = tf.math.add(y, constant(Shape.of(5, 1, channels), 2, 3));
            case "varying" ->
                    y =
                            tf.math.mul(
                                    y,
                                    tf.slice(
                                            tf.reshape(x, tf.constant(new int[] {-1})),
                                            tf.constant(new int[] {0}),
                                            tf.constant(new int[] {channels})));
            default ->
                    y =
                            tf.nn.fusedBatchNorm(
                                            y,
                                            constant(Shape.of(channels), 0.5, 2),
                                            constant(Shape.of(channels), -1, 1),
                                            constant(Shape.of(0), -1, 1),
                                            constant(Shape.of(0), 0.1, 2),
                                            FusedBatchNorm.isTraining(true))
                                    .y();
        }
        tf.withName("y").nn.relu6(y);
        TreeSet<String> before = new TreeSet<>();
        graph.toGraphDef().getNodeList().forEach(node -> before.add(node.getName()));
        TreeSet<String> after = new TreeSet<>();
        fold().getNodeList().forEach(node -> after.add(node.getName()));
        assertEquals(before, after);
    }

    private GraphDef fold() {
        GraphDef plain = graph.toGraphDef();
        MutableGraph body = MutableGraph.ofGraph(plain.getNodeList(), List.of("y:0"));
        BatchNormFolding.apply(body);
        GraphDef folded = plain.toBuilder().clearNode().addAllNode(body.build()).build();
        float[] pixels = new float[(int) IMAGE.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = random.nextFloat();
        }
        try (TFloat32 input = TFloat32.tensorOf(IMAGE, DataBuffers.of(pixels))) {
            assertSameOutput(run(plain, input), run(folded, input));
        }
        graph.close();
        return folded;
    }

    private static float[] run(GraphDef definition, TFloat32 input) {
        try (Graph imported = new Graph()) {
            imported.importGraphDef(definition);
            try (Session session = new Session(imported);
                    Result result = session.runner().feed("x:0", input).fetch("y:0").run()) {
                TFloat32 output = (TFloat32) result.get(0);
                float[] values = new float[(int) output.size()];
                output.copyTo(DataBuffers.of(values, false, false));
                return values;
            }
        }
    }

    private static void assertSameOutput(float[] expected, float[] actual) {
        float largest = 1;
        Set<Float> distinct = new HashSet<>();
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
            distinct.add(value);
        }
        assertTrue(distinct.size() > 10, "too few distinct values to compare: " + distinct);
        assertArrayEquals(expected, actual, TOLERANCE * largest);
    }

    private static NodeDef node(GraphDef graph, String name) {
        return graph.getNodeList().stream()
                .filter(node -> node.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
