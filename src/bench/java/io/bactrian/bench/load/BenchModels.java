package io.bactrian.bench.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.BiFunction;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/** SavedModels that cost next to nothing to run, made on the spot. */
final class BenchModels {

    private static final long SIDE = 224;
    private static final long POOL = 28;
    private static final long BOXES = 16;
    private static final long NUMBERS_A_BOX = 6;

    private BenchModels() {}

    /** {@code x} float32 [-1] to {@code y} = x / 2 + 2. */
    static void halfPlusTwo(Path directory) throws IOException {
        model(
                directory,
                Shape.of(Shape.UNKNOWN_SIZE),
                "x",
                "y",
                (tf, x) -> tf.math.add(tf.math.div(x, tf.constant(2f)), tf.constant(2f)));
    }

    /** {@code x} float32 [-1, -1] to {@code y} = 2x, of the same shape. */
    static void twice(Path directory) throws IOException {
        model(
                directory,
                Shape.of(Shape.UNKNOWN_SIZE, Shape.UNKNOWN_SIZE),
                "x",
                "y",
                (tf, x) -> tf.math.mul(x, tf.constant(2f)));
    }

    /**
     * {@code image_data} float32 [-1, 224, 224, 3] to {@code boxes} [-1, 16, 6]: averages of
     * regions times a random matrix, so the numbers in the request matter.
     */
    static void detection224(Path directory) throws IOException {
        long cells = (SIDE / POOL) * (SIDE / POOL) * 3;
        Random random = new Random(1);
        float[] weights = new float[(int) (cells * BOXES * NUMBERS_A_BOX)];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian() / 4;
        }
        model(
                directory,
                Shape.of(Shape.UNKNOWN_SIZE, SIDE, SIDE, 3),
                "image_data",
                "boxes",
                (tf, image) -> {
                    var window = java.util.List.of(1L, POOL, POOL, 1L);
                    var averages = tf.nn.avgPool(image, window, window, "VALID");
                    var rows = tf.reshape(averages, tf.constant(new long[] {-1, cells}));
                    var matrix =
                            tf.constant(
                                    Shape.of(cells, BOXES * NUMBERS_A_BOX),
                                    DataBuffers.of(weights));
                    return tf.reshape(
                            tf.math.sigmoid(tf.linalg.matMul(rows, matrix)),
                            tf.constant(new long[] {-1, BOXES, NUMBERS_A_BOX}));
                });
    }

    private static void model(
            Path directory,
            Shape shape,
            String input,
            String output,
            BiFunction<Ops, Operand<TFloat32>, Operand<TFloat32>> body)
            throws IOException {
        try (Graph graph = new Graph();
                Session session = new Session(graph)) {
            Ops tf = Ops.create(graph);
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(shape));
            Signature signature =
                    Signature.builder("serving_default")
                            .methodName("tensorflow/serving/predict")
                            .input(input, x)
                            .output(output, body.apply(tf, x))
                            .build();
            SavedModelBundle.exporter(directory.toString())
                    .withSession(session)
                    .withSignature(signature)
                    .export();
        }
    }
}
