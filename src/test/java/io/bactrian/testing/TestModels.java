package io.bactrian.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/** Creates small SavedModels. */
public final class TestModels {

    private TestModels() {}

    /** {@code x} float32 [-1] to {@code y} = x / 2 + 2. */
    public static Path halfPlusTwo(Path directory) throws IOException {
        return model(
                directory,
                TFloat32.class,
                Shape.of(Shape.UNKNOWN_SIZE),
                (tf, x) -> tf.math.add(tf.math.div(x, tf.constant(2f)), tf.constant(2f)));
    }

    /** {@code x} of any dtype and shape to {@code y}, the same. */
    public static <T extends TType> Path identity(Path directory, Class<T> type, Shape shape)
            throws IOException {
        return model(directory, type, shape, (tf, x) -> tf.identity(x));
    }

    /** {@code x} float32 [-1, 2] to {@code y} = x times a matrix of ones [2, 3]. */
    public static Path dense(Path directory) throws IOException {
        return model(
                directory,
                TFloat32.class,
                Shape.of(Shape.UNKNOWN_SIZE, 2),
                (tf, x) ->
                        tf.linalg.matMul(
                                x, tf.ones(tf.constant(new int[] {2, 3}), TFloat32.class)));
    }

    /** One input {@code x}, one output {@code y}. */
    public static <T extends TType, R extends TType> Path model(
            Path directory,
            Class<T> type,
            Shape shape,
            BiFunction<Ops, Operand<T>, Operand<R>> body)
            throws IOException {
        try (Graph graph = new Graph();
                Session session = new Session(graph)) {
            Ops tf = Ops.create(graph);
            Placeholder<T> x = tf.placeholder(type, Placeholder.shape(shape));
            Operand<R> y = body.apply(tf, x);
            Signature signature =
                    Signature.builder("serving_default")
                            .methodName("tensorflow/serving/predict")
                            .input("x", x)
                            .output("y", y)
                            .build();
            SavedModelBundle.exporter(directory.toString())
                    .withSession(session)
                    .withSignature(signature)
                    .export();
        }
        return directory;
    }

    /**
     * Two inputs {@code a} and {@code b} float32 [-1], two outputs {@code sum} and {@code product}.
     */
    public static Path sumAndProduct(Path directory) throws IOException {
        try (Graph graph = new Graph();
                Session session = new Session(graph)) {
            Ops tf = Ops.create(graph);
            Shape rows = Shape.of(Shape.UNKNOWN_SIZE);
            Placeholder<TFloat32> a = tf.placeholder(TFloat32.class, Placeholder.shape(rows));
            Placeholder<TFloat32> b = tf.placeholder(TFloat32.class, Placeholder.shape(rows));
            Signature both =
                    Signature.builder("serving_default")
                            .input("a", a)
                            .input("b", b)
                            .output("sum", tf.math.add(a, b))
                            .output("product", tf.math.mul(a, b))
                            .build();
            Signature negated =
                    Signature.builder("negate")
                            .input("a", a)
                            .output("negative", tf.math.neg(a))
                            .build();
            SavedModelBundle.exporter(directory.toString())
                    .withSession(session)
                    .withSignatures(both, negated)
                    .export();
        }
        return directory;
    }

    /**
     * Serialized Examples with a feature {@code x} of one float: {@code serving_default} to {@code
     * scores} x and 1 - x of the {@code classes} high and low, {@code scores} to the scores alone,
     * and {@code regress} to {@code outputs} 2x, [-1, 1].
     */
    @SuppressWarnings("unchecked")
    public static Path examples(Path directory) throws IOException {
        try (Graph graph = new Graph();
                Session session = new Session(graph)) {
            Ops tf = Ops.create(graph);
            Shape rows = Shape.of(Shape.UNKNOWN_SIZE);
            Placeholder<TString> serialized =
                    tf.placeholder(TString.class, Placeholder.shape(rows));
            Operand<TString> none =
                    tf.reshape(tf.slice(tf.array("x"), tf.array(0), tf.array(0)), tf.array(0));
            Operand<TFloat32> x =
                    (Operand<TFloat32>)
                            tf.io.parseExample(
                                            serialized,
                                            none,
                                            none,
                                            tf.array("x"),
                                            none,
                                            List.of(tf.constant(new float[0])),
                                            0L,
                                            List.of(),
                                            List.of(),
                                            List.of(),
                                            List.of(Shape.of(1)))
                                    .denseValues()
                                    .get(0);
            Operand<TFloat32> scores =
                    tf.concat(List.of(x, tf.math.sub(tf.constant(1f), x)), tf.constant(1));
            Operand<TString> classes =
                    tf.tile(
                            tf.expandDims(tf.array("high", "low"), tf.constant(0)),
                            tf.concat(
                                    List.of(tf.shape(serialized), tf.constant(new int[] {1})),
                                    tf.constant(0)));
            SavedModelBundle.exporter(directory.toString())
                    .withSession(session)
                    .withSignatures(
                            Signature.builder("serving_default")
                                    .input("inputs", serialized)
                                    .output("scores", scores)
                                    .output("classes", classes)
                                    .build(),
                            Signature.builder("scores")
                                    .input("inputs", serialized)
                                    .output("scores", scores)
                                    .build(),
                            Signature.builder("regress")
                                    .input("inputs", serialized)
                                    .output("outputs", tf.math.mul(x, tf.constant(2f)))
                                    .build())
                    .export();
        }
        return directory;
    }

    /** {@code x} float32 [-1] to {@code y} = x times a variable of value 3. */
    public static Path tripleByVariable(Path directory) throws IOException {
        try (Graph graph = new Graph();
                Session session = new Session(graph)) {
            Ops tf = Ops.create(graph);
            Placeholder<TFloat32> x =
                    tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
            Variable<TFloat32> factor = tf.variable(Shape.scalar(), TFloat32.class);
            session.run(tf.assign(factor, tf.constant(3f)));
            Signature signature =
                    Signature.builder("serving_default")
                            .input("x", x)
                            .output("y", tf.math.mul(x, factor))
                            .build();
            SavedModelBundle.exporter(directory.toString())
                    .withSession(session)
                    .withSignature(signature)
                    .export();
        }
        return directory;
    }

    /** Copies a folder recursively. */
    public static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.toAbsolutePath().getParent());
        try (var paths = Files.walk(from)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
        return to;
    }

    /** Removes signatures from a SavedModel. */
    public static void removeSignatures(Path directory, Predicate<String> which)
            throws IOException {
        Path file = directory.resolve("saved_model.pb");
        SavedModel.Builder model = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
        List.copyOf(model.getMetaGraphs(0).getSignatureDefMap().keySet()).stream()
                .filter(which)
                .forEach(name -> model.getMetaGraphsBuilder(0).removeSignatureDef(name));
        Files.write(file, model.build().toByteArray());
    }

    /** Adds a modified copy of the default signature to a SavedModel. */
    public static void addSignature(
            Path directory, String name, UnaryOperator<SignatureDef.Builder> change)
            throws IOException {
        change(
                directory,
                graph ->
                        graph.putSignatureDef(
                                name,
                                change.apply(
                                                graph
                                                        .getSignatureDefOrThrow("serving_default")
                                                        .toBuilder())
                                        .build()));
    }

    /** Adds a copy of a signature to a SavedModel. */
    public static void copySignature(Path directory, String name, String copy) throws IOException {
        change(directory, graph -> graph.putSignatureDef(copy, graph.getSignatureDefOrThrow(name)));
    }

    /** Removes a signature from a SavedModel. */
    public static void removeSignature(Path directory, String name) throws IOException {
        change(directory, graph -> graph.removeSignatureDef(name));
    }

    private static void change(Path directory, Consumer<MetaGraphDef.Builder> change)
            throws IOException {
        Path file = directory.resolve("saved_model.pb");
        SavedModel.Builder model;
        try (InputStream in = Files.newInputStream(file)) {
            model = SavedModel.parseFrom(in).toBuilder();
        }
        change.accept(model.getMetaGraphsBuilder(0));
        try (OutputStream out = Files.newOutputStream(file)) {
            model.build().writeTo(out);
        }
    }

    /** Changes the declared dtype of an input of a signature, but not the graph. */
    public static SignatureDef.Builder retype(
            SignatureDef.Builder signature, String input, DataType dataType) {
        return signature.putInputs(
                input, signature.getInputsOrThrow(input).toBuilder().setDtype(dataType).build());
    }
}
