package io.bactrian.model.graph;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.model.graph.RowIndependence.Verdict;
import io.bactrian.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Random graphs: if rows are proven independent, each row's output in a batch equals its output
 * alone. The analysis may be inconclusive, but never wrong.
 */
class RandomGraphTest {

    private static final int GRAPHS = 150;
    private static final int NODES = 14;
    private static final int ROWS = 3;
    private static final int COLUMNS = 4;
    private static final float TOLERANCE = 1e-4f;

    /** A graph under construction: float32 and int32 tensors that may be the next node's inputs. */
    private static final class Builder {

        private final Random random;
        private final Ops tf;
        private final Placeholder<TFloat32> x;
        private final List<Operand<TFloat32>> floats = new ArrayList<>();
        private final List<Operand<TInt32>> integers = new ArrayList<>();

        Builder(Graph graph, long seed) {
            random = new Random(seed);
            tf = Ops.create(graph);
            x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, COLUMNS)));
            floats.add(tf.identity(x));
            floats.add(tf.constant(new float[] {1, -2, 3, 0.5f}));
            integers.add(tf.constant(new int[] {0, 2, 1}));
        }

        void add() {
            try {
                grow();
            } catch (RuntimeException e) {
                // The shapes are not compatible.
                return;
            }
        }

        private <T> T any(List<T> list) {
            // The latest are taken more often, for deep graphs.
            int back = (int) (random.nextDouble() * random.nextDouble() * list.size());
            return list.get(list.size() - 1 - back);
        }

        private Operand<TFloat32> value() {
            return any(floats);
        }

        private int rank(Operand<?> operand) {
            return operand.shape().isUnknown() ? 2 : operand.shape().numDimensions();
        }

        private int axis(int rank) {
            int axis = random.nextInt(Math.max(1, rank));
            return random.nextBoolean() ? axis : axis - rank;
        }

        private Operand<TInt32> axes(Operand<?> operand) {
            int rank = rank(operand);
            List<Integer> axes = new ArrayList<>();
            for (int i = 0; i < rank; i++) {
                if (random.nextInt(3) == 0) {
                    axes.add(random.nextBoolean() ? i : i - rank);
                }
            }
            if (axes.isEmpty()) {
                // TensorFlow 2.18 drops one of two transpositions around a reduction without axes.
                axes.add(axis(rank));
            }
            return tf.constant(axes.stream().mapToInt(each -> each).toArray());
        }

        /** A part of a shape, or the number of rows, as a scalar. */
        private Operand<TInt32> size() {
            switch (random.nextInt(3)) {
                case 0:
                    return tf.constant(new int[] {1, 2, 4, 8, -1}[random.nextInt(5)]);
                case 1:
                    return tf.squeeze(
                            tf.slice(
                                    tf.shape(x),
                                    tf.constant(new int[] {0}),
                                    tf.constant(new int[] {1})));
                default:
                    Operand<TFloat32> of = value();
                    return tf.gather(
                            tf.shape(of),
                            tf.constant(random.nextInt(Math.max(1, rank(of)))),
                            tf.constant(0));
            }
        }

        private Operand<TInt32> shape() {
            List<Operand<TInt32>> sizes = new ArrayList<>();
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                sizes.add(size());
            }
            return tf.stack(sizes);
        }

        private Operand<TInt32> permutation(int rank) {
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < rank; i++) {
                order.add(i);
            }
            Collections.shuffle(order, random);
            return tf.constant(order.stream().mapToInt(each -> each).toArray());
        }

        private Operand<TInt32> perAxis(int rank, int... choices) {
            int[] values = new int[rank];
            for (int i = 0; i < rank; i++) {
                values[i] = choices[random.nextInt(choices.length)];
            }
            return tf.constant(values);
        }

        private void grow() {
            Operand<TFloat32> a = value();
            Operand<TFloat32> b = value();
            int rank = rank(a);
            switch (random.nextInt(34)) {
                case 0 -> floats.add(tf.math.tanh(a));
                case 1 -> floats.add(tf.math.add(a, b));
                case 2 -> floats.add(tf.math.mul(a, b));
                case 3 -> floats.add(tf.math.maximum(a, b));
                case 4 -> floats.add(tf.sum(a, axes(a), keep()));
                case 5 -> floats.add(tf.math.mean(a, axes(a)));
                case 6 -> floats.add(tf.max(a, axes(a)));
                case 7 -> floats.add(tf.nn.softmax(a));
                case 8, 9, 10 -> floats.add(tf.reshape(a, shape()));
                case 11, 12 -> floats.add(tf.linalg.transpose(a, permutation(rank)));
                case 13 -> floats.add(tf.expandDims(a, tf.constant(axis(rank + 1))));
                case 14 -> floats.add(tf.squeeze(a));
                case 15 -> floats.add(tf.concat(List.of(a, b), tf.constant(axis(rank))));
                case 16 -> floats.add(tf.stack(List.of(a, b)));
                case 17 -> tf.split(tf.constant(axis(rank)), a, 2L).forEach(floats::add);
                case 18 ->
                        floats.add(
                                tf.stridedSlice(
                                        a,
                                        perAxis(rank, 0, 0, 0, 1, -1),
                                        perAxis(rank, 0, 2, -1),
                                        perAxis(rank, 1, 1, 1, -1, 2),
                                        org.tensorflow.op.core.StridedSlice.beginMask(mask(rank)),
                                        org.tensorflow.op.core.StridedSlice.endMask(mask(rank)),
                                        org.tensorflow.op.core.StridedSlice.shrinkAxisMask(
                                                (long) random.nextInt(4) == 0 ? 1L : 0L)));
                case 19 -> floats.add(tf.tile(a, perAxis(rank, 1, 1, 2)));
                case 20 -> floats.add(tf.reverse(a, axes(a)));
                case 21 -> floats.add(tf.math.cumsum(a, tf.constant(axis(rank))));
                case 22 -> floats.add(tf.gather(a, any(integers), tf.constant(axis(rank))));
                case 23 -> floats.add(tf.linalg.matMul(a, b));
                case 24 -> floats.add(tf.train.batchMatMul(a, b, TFloat32.class));
                case 25 -> floats.add(tf.linalg.matMul(a, tf.linalg.transpose(b, permutation(2))));
                case 26 -> floats.add(tf.fill(shape(), tf.constant(2f)));
                case 27 -> floats.add(tf.broadcastTo(a, shape()));
                case 28 -> integers.add(tf.math.argMax(a, tf.constant(axis(rank)), TInt32.class));
                case 29 ->
                        floats.add(
                                tf.dtypes.cast(
                                        tf.range(tf.constant(0), size(), tf.constant(1)),
                                        TFloat32.class));
                case 30 ->
                        floats.add(
                                tf.oneHot(
                                        any(integers),
                                        tf.constant(3),
                                        tf.constant(1f),
                                        tf.constant(0f)));
                case 31 ->
                        floats.add(
                                tf.select(tf.math.greater(a, tf.constant(0f)), b, tf.zerosLike(b)));
                case 32 -> floats.add(tf.nn.topK(a, tf.constant(2), TInt32.class).values());
                default -> floats.add(tf.tile(a, tf.stack(List.of(size(), tf.constant(1)))));
            }
        }

        private org.tensorflow.op.core.Sum.Options keep() {
            return org.tensorflow.op.core.Sum.keepDims(random.nextBoolean());
        }

        private long mask(int rank) {
            return random.nextInt(1 << Math.min(rank, 5));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void provenRowsAreIndependent(long seed) {
        int proven = 0;
        int refused = 0;
        for (int number = 0; number < GRAPHS; number++) {
            try (Graph graph = new Graph();
                    Session session = new Session(graph)) {
                Builder builder = new Builder(graph, seed * 1_000_003 + number);
                for (int i = 0; i < NODES; i++) {
                    builder.add();
                }
                for (Operand<?> output : builder.floats) {
                    Verdict verdict = verdict(graph, builder.x, output.asOutput());
                    if (!verdict.isProven()) {
                        refused++;
                    } else if (isDifferent(session, builder, output.asOutput(), number)) {
                        throw new AssertionError(
                                "called independent, but is not: "
                                        + output.asOutput()
                                        + " of\n"
                                        + graph.toGraphDef());
                    } else {
                        proven++;
                    }
                }
            }
        }
        // Otherwise nothing was tested.
        assertTrue(proven > GRAPHS, proven + " proven");
        assertTrue(refused > GRAPHS, refused + " refused");
    }

    private static Verdict verdict(Graph graph, Placeholder<?> x, Output<?> output) {
        return RowIndependence.of(
                graph.toGraphDef(),
                SignatureEffects.NONE,
                List.of(
                        new TensorSpec(
                                "x",
                                x.op().name() + ":0",
                                DataType.DT_FLOAT,
                                Shape.of(-1, COLUMNS))),
                List.of(
                        new TensorSpec(
                                "y",
                                output.op().name() + ":" + output.index(),
                                DataType.DT_FLOAT,
                                output.shape())));
    }

    /** A graph that TensorFlow refuses to run is skipped. */
    private static boolean isDifferent(
            Session session, Builder builder, Output<?> output, int number) {
        Random random = new Random(number);
        float[] values = new float[ROWS * COLUMNS];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        try {
            float[] together = run(session, builder, output, values);
            int size = together.length / ROWS;
            for (int row = 0; row < ROWS; row++) {
                float[] alone =
                        run(
                                session,
                                builder,
                                output,
                                java.util.Arrays.copyOfRange(
                                        values, row * COLUMNS, (row + 1) * COLUMNS));
                if (alone.length != size || together.length % ROWS != 0) {
                    return true;
                }
                for (int i = 0; i < size; i++) {
                    float expected = alone[i];
                    float actual = together[row * size + i];
                    float scale = Math.max(1, Math.abs(expected));
                    if (Float.compare(expected, actual) != 0
                            && !(Math.abs(expected - actual) <= TOLERANCE * scale)) {
                        return true;
                    }
                }
            }
            return false;
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static float[] run(Session session, Builder builder, Output<?> output, float[] values) {
        try (TFloat32 input =
                        TFloat32.tensorOf(
                                Shape.of(values.length / COLUMNS, COLUMNS),
                                DataBuffers.of(values));
                Result result = session.runner().feed(builder.x, input).fetch(output).run()) {
            TFloat32 tensor = (TFloat32) result.get(0);
            float[] elements = new float[(int) tensor.size()];
            tensor.copyTo(DataBuffers.of(elements));
            return elements;
        }
    }
}
