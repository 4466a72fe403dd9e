package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.testing.Fixtures;
import io.bactrian.testing.TestModels;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/** With default settings no answer depends on the request of another client. */
@Timeout(120)
class RowLeakTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CLIENTS = 8;

    @RegisterExtension final TestServer server = TestServer.notStarted();

    private static void inParallel(java.util.function.IntConsumer client) {
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            int number = i;
            CompletableFuture<Void> done = new CompletableFuture<>();
            clients.add(done);
            new Thread(
                            () -> {
                                try {
                                    client.accept(number);
                                    done.complete(null);
                                } catch (Throwable e) {
                                    done.completeExceptionally(e);
                                }
                            })
                    .start();
        }
        clients.forEach(CompletableFuture::join);
    }

    /**
     * A model that subtracts the mean of all rows, so that the result of a single row is zero.
     * Batching it would be faster.
     */
    @Test
    void modelThatMixesRowsIsNotBatched() throws Exception {
        TestModels.<TFloat32, TFloat32>model(
                server.models.resolve("centered/1"),
                TFloat32.class,
                Shape.of(-1, 64),
                (tf, x) -> {
                    Operand<TFloat32> h = x;
                    Operand<TFloat32> weights =
                            tf.math.mul(
                                    tf.ones(tf.constant(new int[] {64, 64}), TFloat32.class),
                                    tf.constant(0.02f));
                    for (int i = 0; i < 100; i++) {
                        h = tf.math.tanh(tf.math.add(x, tf.linalg.matMul(h, weights)));
                    }
                    return tf.math.sub(h, tf.math.mean(h, tf.constant(new int[] {0})));
                });
        server.start();
        HttpClientFor http = server.http();
        inParallel(
                client -> {
                    String row = (client + 1) + "," + "0.1,".repeat(62) + "0.5";
                    for (int i = 0; i < 50; i++) {
                        HttpResponse<String> response =
                                http.post("/invocations", "{\"instances\": [[" + row + "]]}");
                        assertEquals(200, response.statusCode(), response.body());
                        assertEquals(
                                "{\"predictions\":[[" + "0.0,".repeat(63) + "0.0]]}",
                                response.body());
                    }
                });
        assertTrue(server.report().contains("operation Mean (node \"Mean\")"), server.report());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rows-sorted", "rows-min-max", "rows-free-lstm"})
    void answersEqualPythons(String name) throws Exception {
        Path kinds = Fixtures.path("model-kinds");
        Files.createSymbolicLink(server.models.resolve(name), kinds.resolve(name).toAbsolutePath());
        JsonNode steps = JSON.readTree(kinds.resolve("expected.json").toFile()).get(name);
        server.start();
        HttpClientFor http = server.http();
        inParallel(
                client -> {
                    JsonNode step = steps.get(client % steps.size());
                    for (int i = 0; i < 40; i++) {
                        HttpResponse<String> response =
                                http.post("/invocations", step.get("request").toString());
                        assertEquals(200, response.statusCode(), response.body());
                        assertSame(step.get("answer"), response.body());
                    }
                });
    }

    private static void assertSame(JsonNode expected, String body) {
        try {
            assertSame(expected, JSON.readTree(body));
        } catch (java.io.IOException e) {
            throw new AssertionError(body, e);
        }
    }

    private static void assertSame(JsonNode expected, JsonNode actual) {
        if (expected.isNumber()) {
            double tolerance = 1e-4 * Math.max(1, Math.abs(expected.doubleValue()));
            assertEquals(expected.doubleValue(), actual.doubleValue(), tolerance);
            return;
        }
        assertEquals(expected.getNodeType(), actual.getNodeType());
        assertEquals(expected.size(), actual.size());
        if (expected.isObject()) {
            expected.fieldNames()
                    .forEachRemaining(field -> assertSame(expected.get(field), actual.get(field)));
        } else if (expected.isArray()) {
            for (int i = 0; i < expected.size(); i++) {
                assertSame(expected.get(i), actual.get(i));
            }
        } else {
            assertEquals(expected, actual);
        }
    }
}
