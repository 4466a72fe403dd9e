package io.bactrian.bench;

import io.bactrian.postprocess.NonMaximumSuppression;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.image.NonMaxSuppression;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Non-maximum suppression of 8,400 boxes, as many as YOLO v8 has, of which at most 300 are kept at
 * an IoU of 0.45: ours, and the operation of {@code tf.image.non_max_suppression} in a session.
 * Both begin with the boxes and scores where they are ready, and end with the indices in Java.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 6, time = 2)
@Fork(1)
public class SuppressionBenchmark {

    private static final int BOXES = 8400;
    private static final int KEPT = 300;
    private static final float IOU = 0.45f;
    private static final float SIZE = 640;
    private static final int OBJECTS = 400;

    private final float[] corners = new float[4 * BOXES];
    private final float[] scores = new float[BOXES];
    private final int[] classes = new int[BOXES];
    private Graph graph;
    private Session session;
    private TFloat32 boxTensor;
    private TFloat32 scoreTensor;

    @Setup
    public void prepare() {
        Random random = new Random(1);
        float[][] objects = new float[OBJECTS][];
        for (int i = 0; i < OBJECTS; i++) {
            objects[i] =
                    new float[] {
                        random.nextFloat() * SIZE,
                        random.nextFloat() * SIZE,
                        10 + random.nextFloat() * 90,
                        10 + random.nextFloat() * 90
                    };
        }
        float[] rows = new float[4 * BOXES];
        for (int i = 0; i < BOXES; i++) {
            float[] object = objects[random.nextInt(OBJECTS)];
            float x = object[0] + (float) random.nextGaussian() * 4;
            float y = object[1] + (float) random.nextGaussian() * 4;
            float width = object[2] * (0.8f + 0.4f * random.nextFloat());
            float height = object[3] * (0.8f + 0.4f * random.nextFloat());
            float[] box = {x, y, x + width, y + height};
            System.arraycopy(box, 0, corners, 4 * i, 4);
            for (int c = 0; c < 4; c++) {
                // TensorFlow's are y, x, y, x.
                rows[4 * i + c] = box[c ^ 1];
            }
            scores[i] = random.nextFloat();
        }
        boxTensor = TFloat32.tensorOf(Shape.of(BOXES, 4), DataBuffers.of(rows));
        scoreTensor = TFloat32.tensorOf(Shape.of(BOXES), DataBuffers.of(scores));
        graph = new Graph();
        Ops ops = Ops.create(graph);
        Placeholder<TFloat32> boxes =
                ops.withName("boxes")
                        .placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 4)));
        Placeholder<TFloat32> confidences =
                ops.withName("scores").placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1)));
        NonMaxSuppression<TFloat32> kept =
                ops.image.nonMaxSuppression(
                        boxes,
                        confidences,
                        ops.constant(KEPT),
                        ops.constant(IOU),
                        ops.constant(0f),
                        ops.constant(0f));
        ops.withName("kept").identity(kept.selectedIndices());
        session = new Session(graph);
        int[] ours = ours();
        if (!Arrays.equals(ours, tensorFlow())) {
            throw new IllegalStateException("the two keep other boxes");
        }
        System.out.println("boxes kept: " + ours.length);
    }

    @TearDown
    public void close() {
        session.close();
        graph.close();
        boxTensor.close();
        scoreTensor.close();
    }

    @Benchmark
    public int[] ours() {
        return new NonMaximumSuppression(IOU, 0, false)
                .select(corners, scores, classes, KEPT, 0, () -> {})
                .indices();
    }

    @Benchmark
    public int[] tensorFlow() {
        try (Result result =
                session.runner()
                        .feed("boxes", boxTensor)
                        .feed("scores", scoreTensor)
                        .fetch("kept")
                        .run()) {
            TInt32 indices = (TInt32) result.get(0);
            int[] kept = new int[(int) indices.size()];
            indices.asRawTensor().data().asInts().read(kept);
            return kept;
        }
    }
}
