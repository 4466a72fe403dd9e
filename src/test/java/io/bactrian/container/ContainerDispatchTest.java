package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.testing.TestModels;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TString;

/** How many requests are worked on at a time, and what becomes of the others. */
@Timeout(120)
class ContainerDispatchTest {

    private static final int CORES = Runtime.getRuntime().availableProcessors();

    private static final String GATE =
            """
            - route:
                id: gate
                from:
                  uri: pipeline:gate
                  steps:
                    - process: {ref: "#class:io.bactrian.container.Gate"}
                    - process: {ref: "#class:io.bactrian.container.DeadlineSeen"}
                    - setBody: {constant: "through"}
            """;

    private static final String PREDICTION =
            """
            - route:
                id: prediction
                from:
                  uri: pipeline:prediction
                  steps:
                    - to: {uri: "tensorflow:echo"}
            """;

    private static final String OTHER_SYSTEM =
            """
            - route:
                id: other
                from:
                  uri: pipeline:other
                  steps:
                    - to: {uri: "file:%s"}
            """;

    private static final String IN_THIS_PROCESS =
            """
            - route:
                id: inner
                from:
                  uri: direct:inner
                  steps:
                    - to: {uri: "log:inner"}
            - route:
                id: outer
                from:
                  uri: pipeline:outer
                  steps:
                    - to: {uri: "direct:inner"}
                    - to: {uri: "pipeline:gate"}
            """;

    @TempDir Path folder;

    private Path routes;

    @BeforeEach
    void aModelAndAGate() throws Exception {
        TestModels.identity(
                folder.resolve("models/echo/1"), TString.class, Shape.of(Shape.UNKNOWN_SIZE));
        routes = Files.createDirectory(folder.resolve("routes"));
        Files.writeString(routes.resolve("gate.camel.yaml"), GATE);
        Gate.close();
        DeadlineSeen.TIMES.clear();
    }

    private Container start(String... settings) throws Exception {
        Map<String, String> environment = new HashMap<>();
        environment.put("BACTRIAN_HOST", "127.0.0.1");
        environment.put("SAGEMAKER_BIND_TO_PORT", "0");
        environment.put("BACTRIAN_MODEL_DIR", folder.resolve("models").toString());
        environment.put("BACTRIAN_ROUTES_DIR", routes.toString());
        environment.put("BACTRIAN_PIPELINE", "gate");
        for (int i = 0; i < settings.length; i += 2) {
            environment.put(settings[i], settings[i + 1]);
        }
        return Container.start(ContainerConfig.of(environment));
    }

    private static CompletableFuture<HttpResponse<String>> post(
            Container container, String... headers) {
        HttpClientFor http = new HttpClientFor(container);
        return CompletableFuture.supplyAsync(
                () -> http.post("/invocations", "{}".getBytes(), headers),
                task -> new Thread(task).start());
    }

    /** {@return as many requests as there are workers, all of them at the gate} */
    private static List<CompletableFuture<HttpResponse<String>>> fill(
            Container container, int workers) {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            answers.add(post(container));
        }
        await(() -> Gate.AT_WORK.get() == workers);
        assertEquals(workers, container.dispatcher().running());
        return answers;
    }

    private static void await(BooleanSupplier condition) {
        assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> {
                    while (!condition.getAsBoolean()) {
                        Thread.onSpinWait();
                    }
                });
    }

    private static void passes(CompletableFuture<HttpResponse<String>> answer) throws Exception {
        assertEquals("through", answer.get(30, TimeUnit.SECONDS).body());
        assertEquals(200, answer.get().statusCode());
    }

    @Test
    void oneACoreWhereNothingWaits() throws Exception {
        Files.writeString(routes.resolve("prediction.camel.yaml"), PREDICTION);
        Files.writeString(routes.resolve("inner.camel.yaml"), IN_THIS_PROCESS);
        try (Container container = start("SAGEMAKER_TFS_ENABLE_BATCHING", "false")) {
            assertEquals(CORES, container.atWork());
            List<CompletableFuture<HttpResponse<String>>> answers = fill(container, CORES);
            answers.add(post(container));
            answers.add(post(container));
            await(() -> container.dispatcher().waiting() == 2 && Gate.AT_WORK.get() == CORES);
            Gate.opened.countDown();
            for (CompletableFuture<HttpResponse<String>> answer : answers) {
                passes(answer);
            }
            assertEquals(CORES, Gate.MOST.get());
            await(() -> container.openRequests() == 0);
            assertEquals(0, container.dispatcher().waiting());
            await(() -> container.dispatcher().running() == 0);
        }
    }

    @Test
    void oneACoreWhereSharingRunsDoesNotPay() throws Exception {
        Files.writeString(routes.resolve("prediction.camel.yaml"), PREDICTION);
        try (Container container = start()) {
            assertEquals(CORES, container.atWork());
        }
    }

    @Test
    void allWorkersWhereRequestsShareRuns() throws Exception {
        Files.writeString(routes.resolve("prediction.camel.yaml"), PREDICTION);
        try (Container container = start("SAGEMAKER_TFS_ENABLE_BATCHING", "true")) {
            assertEquals(8 * CORES, container.atWork());
        }
    }

    @Test
    void allWorkersWhereTheBuiltInPipelineSharesRuns() throws Exception {
        try (Container container = start("SAGEMAKER_TFS_ENABLE_BATCHING", "true")) {
            assertEquals(8 * CORES, container.atWork());
        }
    }

    @Test
    void allWorkersWhereAPipelineCallsAnotherSystem() throws Exception {
        Files.writeString(
                routes.resolve("other.camel.yaml"),
                OTHER_SYSTEM.formatted(folder.resolve("written")));
        try (Container container = start("SAGEMAKER_TFS_ENABLE_BATCHING", "false")) {
            assertEquals(8 * CORES, container.atWork());
        }
    }

    @Test
    void asManyAsAreSet() throws Exception {
        Files.writeString(routes.resolve("prediction.camel.yaml"), PREDICTION);
        for (String batching : List.of("true", "false")) {
            try (Container container =
                    start(
                            "SAGEMAKER_MODEL_SERVER_WORKERS",
                            "3",
                            "SAGEMAKER_TFS_ENABLE_BATCHING",
                            batching)) {
                assertEquals(3, container.atWork());
            }
        }
    }

    @Test
    void aLateRequestIsNotRun() throws Exception {
        try (Container container =
                start(
                        "SAGEMAKER_MODEL_SERVER_WORKERS",
                        "1",
                        "SAGEMAKER_MODEL_SERVER_TIMEOUT",
                        "1")) {
            CompletableFuture<HttpResponse<String>> first = post(container);
            assertTrue(Gate.entered.await(30, TimeUnit.SECONDS));
            isLate(post(container));
            isLate(post(container));
            assertFalse(first.isDone());
            Gate.opened.countDown();
            passes(first);
            passes(post(container));
            assertEquals(2, DeadlineSeen.TIMES.size());
            await(() -> container.openRequests() == 0);
            await(() -> container.dispatcher().running() == 0);
        }
    }

    private static void isLate(CompletableFuture<HttpResponse<String>> answer) throws Exception {
        HttpResponse<String> late = answer.get(30, TimeUnit.SECONDS);
        assertEquals("{\"error\": \"deadline exceeded before a worker was free\"}", late.body());
        assertEquals(504, late.statusCode());
        assertEquals("application/json", late.headers().firstValue("content-type").orElse(null));
    }

    @Test
    void theTimeOfARequestThatWaitsRunsOn() throws Exception {
        try (Container container =
                start(
                        "SAGEMAKER_MODEL_SERVER_WORKERS",
                        "1",
                        "SAGEMAKER_MODEL_SERVER_TIMEOUT",
                        "600")) {
            List<CompletableFuture<HttpResponse<String>>> before = fill(container, 1);
            String clientsWish = Long.toString(System.nanoTime() + Duration.ofDays(1).toNanos());
            CompletableFuture<HttpResponse<String>> waiting =
                    post(container, "bactrian-deadline", clientsWish);
            await(() -> container.dispatcher().waiting() == 1);
            long waited = System.nanoTime();
            while (System.nanoTime() - waited < Duration.ofMillis(50).toNanos()) {
                LockSupport.parkNanos(1_000_000);
            }
            Gate.opened.countDown();
            for (CompletableFuture<HttpResponse<String>> answer : before) {
                passes(answer);
            }
            passes(waiting);
            long latest = waited + Duration.ofMinutes(10).toNanos();
            assertEquals(2, DeadlineSeen.TIMES.size());
            for (long time : DeadlineSeen.TIMES) {
                assertTrue(time - latest <= 0, () -> time - latest + " ns more than it should be");
            }
        }
    }

    @Test
    void whoGoesAwayWhileWaitingLeavesNothingBehind() throws Exception {
        try (Container container = start("SAGEMAKER_MODEL_SERVER_WORKERS", "1")) {
            List<CompletableFuture<HttpResponse<String>>> before = fill(container, 1);
            Socket gone = new Socket(InetAddress.getLoopbackAddress(), container.port());
            gone.getOutputStream()
                    .write(
                            "POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
                                    .getBytes());
            await(() -> container.dispatcher().waiting() == 1);
            gone.close();
            await(() -> container.dispatcher().waiting() == 0 && container.openRequests() == 1);
            Gate.opened.countDown();
            for (CompletableFuture<HttpResponse<String>> answer : before) {
                passes(answer);
            }
            passes(post(container));
            assertEquals(2, DeadlineSeen.TIMES.size());
            await(() -> container.openRequests() == 0);
            await(() -> container.dispatcher().running() == 0);
        }
    }

    @Test
    void whatWaitsIsAnsweredBeforeTheContainerStops() throws Exception {
        Container container = start("SAGEMAKER_MODEL_SERVER_WORKERS", "1");
        List<CompletableFuture<HttpResponse<String>>> answers = fill(container, 1);
        answers.add(post(container));
        answers.add(post(container));
        await(() -> container.dispatcher().waiting() == 2);
        HttpClientFor http = new HttpClientFor(container);
        CompletableFuture<Void> stopping = CompletableFuture.runAsync(container::close);
        await(() -> http.get("/ping").statusCode() == 503);
        assertEquals("{\"error\": \"shutting down\"}", http.post("/invocations", "{}").body());
        Gate.opened.countDown();
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            passes(answer);
        }
        stopping.get(30, TimeUnit.SECONDS);
    }
}
