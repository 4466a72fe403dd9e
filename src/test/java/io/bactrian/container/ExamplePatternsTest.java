package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/** The pipelines of src/examples/patterns, as they are, over HTTP. */
class ExamplePatternsTest {

    private static final Shape SCORES = Shape.of(Shape.UNKNOWN_SIZE, 3);

    @TempDir static Path folder;

    private static ServedFolder served;
    private static long open;

    @BeforeAll
    static void start() throws Exception {
        open = NamedTensors.open();
        served = new ServedFolder(folder);
        TestModels.identity(served.models.resolve("first/1"), TFloat32.class, SCORES);
        // The same scores, one class further on.
        TestModels.model(
                served.models.resolve("second/1"),
                TFloat32.class,
                SCORES,
                (tf, x) -> tf.roll(x, tf.constant(1), tf.constant(1)));
        twoHeads(served.models.resolve("two-heads/1"));
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(Path.of("src/examples/patterns"), "*.camel.yaml")) {
            for (Path file : files) {
                // Each is to be copied alone: they use the same names for beans.
                Path code = served.models.resolve(file.getFileName().toString().split("\\.")[0]);
                served.model(code.getFileName() + "-host/1");
                served.file(
                        served.models
                                .resolve(code.getFileName() + "-host/code")
                                .resolve(file.getFileName()),
                        Files.readString(file));
            }
        }
        served.start();
        assertEquals(List.of(), served.container().pipelines().loaded().faults());
    }

    private static void twoHeads(Path directory) throws IOException {
        try (Graph graph = new Graph();
                Session session = new Session(graph)) {
            Ops tf = Ops.create(graph);
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(SCORES));
            Signature signature =
                    Signature.builder("serving_default")
                            .methodName("tensorflow/serving/predict")
                            .input("x", x)
                            .output("kind", tf.identity(x))
                            .output("mood", tf.roll(x, tf.constant(2), tf.constant(1)))
                            .build();
            SavedModelBundle.exporter(directory.toString())
                    .withSession(session)
                    .withSignature(signature)
                    .export();
        }
    }

    @AfterAll
    static void stop() {
        served.close();
        Exchanges.awaitOpenTensors(open);
    }

    private static HttpResponse<String> post(String pipeline, String body) {
        return served.http().post("/models/" + pipeline + "/invoke", body);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // Averages: 0.45, 0.3, 0.25 and so on, of the scores and those rolled by one.
                "ensemble | {`features`: [0.5, 0.1, 0.4]} | {`predicted_class`:0}",
                "ensemble | {`features`: [0.1, 0.5, 0.4]} | {`predicted_class`:2}",
                "shadow | {`features`: [0.1, 0.5, 0.4]} | {`predicted_class`:1}",
                "cascade | {`features`: [0.05, 0.9, 0.05]} |"
                        + " {`predictions`:[{`class_id`:1,`score`:0.9}]}",
                "cascade | {`features`: [0.25, 0.75, 0]} |"
                        + " {`predictions`:[{`class_id`:2,`score`:0.75}]}",
                "multi-head | {`features`: [0.1, 0.5, 0.4]} | {`kind`: 1, `mood`: 0}",
                "aggregate | {`records`: [{`features`: [1, 2, 3]}, {`features`: [4, 5, 6]}]} |"
                        + " {`y`:[[1.0,2.0,3.0],[4.0,5.0,6.0]]}"
            })
    void answers(String pipeline, String request, String answer) {
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> response = post(pipeline, request.replace('`', '"'));
            assertEquals(answer.replace('`', '"'), response.body());
            assertEquals(200, response.statusCode());
            assertEquals(
                    "application/json", response.headers().firstValue("Content-Type").orElse(""));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ensemble", "shadow", "multi-head", "aggregate"})
    void refusesWhatIsNoRequest(String pipeline) {
        for (String body :
                List.of("{", "{}", "{\"features\": [[]]}", "{\"features\": [1, \"x\"]}")) {
            HttpResponse<String> response = post(pipeline, body);
            assertEquals(400, response.statusCode(), body + response.body());
            assertTrue(response.body().startsWith("{\"error\": \""), response.body());
        }
    }
}
