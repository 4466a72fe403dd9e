package io.bactrian.container;

import static io.bactrian.testing.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The concurrency of requests, and the queueing of excess requests. */
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
                    - process: {ref: "#class:io.bactrian.container.DeadlineRecorder"}
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

    @RegisterExtension final TestServer server = TestServer.notStarted();

    @BeforeEach
    void prepare() throws Exception {
        server.model("echo/1").routes("gate", GATE).set("BACTRIAN_PIPELINE", "gate");
        Gate.close();
        DeadlineRecorder.TIMES.clear();
    }

    private CompletableFuture<HttpResponse<String>> post(String... headers) {
        HttpClientFor http = server.http();
        return CompletableFuture.supplyAsync(
                () -> http.post("/invocations", "{}".getBytes(), headers),
                task -> new Thread(task).start());
    }

    /** {@return the answers of one request per worker, all of which are waiting at the gate} */
    private List<CompletableFuture<HttpResponse<String>>> fill(int workers) {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            answers.add(post());
        }
        await("running", () -> Gate.WAITING.get() == workers);
        assertEquals(workers, server.container().dispatcher().running());
        return answers;
    }

    private static void assertPasses(CompletableFuture<HttpResponse<String>> answer)
            throws Exception {
        assertEquals("through", answer.get(30, TimeUnit.SECONDS).body());
        assertEquals(200, answer.get().statusCode());
    }

    @Test
    void concurrencyIsOnePerCoreIfRequestsDoNotBlock() throws Exception {
        server.routes("prediction", PREDICTION);
        server.routes("inner", IN_THIS_PROCESS);
        Container container = server.start("SAGEMAKER_TFS_ENABLE_BATCHING", "false").container();
        assertEquals(CORES, container.concurrency());
        List<CompletableFuture<HttpResponse<String>>> answers = fill(CORES);
        answers.add(post());
        answers.add(post());
        await(
                "waiting",
                () -> container.dispatcher().waiting() == 2 && Gate.WAITING.get() == CORES);
        Gate.opened.countDown();
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertPasses(answer);
        }
        assertEquals(CORES, Gate.MAX_WAITING.get());
        await("open requests", () -> container.openRequests() == 0);
        assertEquals(0, container.dispatcher().waiting());
        await("running", () -> container.dispatcher().running() == 0);
    }

    @Test
    void concurrencyIsOnePerCoreIfBatchingDoesNotPay() throws Exception {
        server.routes("prediction", PREDICTION);
        Container container = server.start().container();
        assertEquals(CORES, container.concurrency());
    }

    @Test
    void concurrencyIsHigherIfRequestsAreBatched() throws Exception {
        server.routes("prediction", PREDICTION);
        Container container = server.start("SAGEMAKER_TFS_ENABLE_BATCHING", "true").container();
        assertEquals(8 * CORES, container.concurrency());
    }

    @Test
    void concurrencyIsHigherIfTheBuiltInPipelineIsBatched() throws Exception {
        Container container = server.start("SAGEMAKER_TFS_ENABLE_BATCHING", "true").container();
        assertEquals(8 * CORES, container.concurrency());
    }

    @Test
    void concurrencyIsHigherIfAPipelineCallsAnotherSystem() throws Exception {
        server.routes("other", OTHER_SYSTEM.formatted(server.folder.resolve("written")));
        Container container = server.start("SAGEMAKER_TFS_ENABLE_BATCHING", "false").container();
        assertEquals(8 * CORES, container.concurrency());
    }

    @Test
    void concurrencyIsConfigurable() throws Exception {
        server.routes("prediction", PREDICTION);
        for (String batching : List.of("true", "false")) {
            Container container =
                    server.start(
                                    "SAGEMAKER_MODEL_SERVER_WORKERS",
                                    "3",
                                    "SAGEMAKER_TFS_ENABLE_BATCHING",
                                    batching)
                            .container();
            assertEquals(3, container.concurrency());
        }
    }

    @Test
    void expiredRequestIsNotRun() throws Exception {
        Container container =
                server.start(
                                "SAGEMAKER_MODEL_SERVER_WORKERS",
                                "1",
                                "SAGEMAKER_MODEL_SERVER_TIMEOUT",
                                "1")
                        .container();
        CompletableFuture<HttpResponse<String>> first = post();
        assertTrue(Gate.entered.await(30, TimeUnit.SECONDS));
        assertExpired(post());
        assertExpired(post());
        assertFalse(first.isDone());
        Gate.opened.countDown();
        assertPasses(first);
        assertPasses(post());
        assertEquals(2, DeadlineRecorder.TIMES.size());
        await("open requests", () -> container.openRequests() == 0);
        await("running", () -> container.dispatcher().running() == 0);
    }

    private static void assertExpired(CompletableFuture<HttpResponse<String>> answer)
            throws Exception {
        HttpResponse<String> expired = answer.get(30, TimeUnit.SECONDS);
        assertEquals("{\"error\": \"deadline exceeded before a worker was free\"}", expired.body());
        assertEquals(504, expired.statusCode());
        assertEquals("application/json", expired.headers().firstValue("content-type").orElse(null));
    }

    @Test
    void deadlineIncludesTheTimeInTheQueue() throws Exception {
        Container container =
                server.start(
                                "SAGEMAKER_MODEL_SERVER_WORKERS",
                                "1",
                                "SAGEMAKER_MODEL_SERVER_TIMEOUT",
                                "600")
                        .container();
        List<CompletableFuture<HttpResponse<String>>> before = fill(1);
        String requestedDeadline = Long.toString(System.nanoTime() + Duration.ofDays(1).toNanos());
        CompletableFuture<HttpResponse<String>> waiting =
                post("bactrian-deadline", requestedDeadline);
        await("waiting", () -> container.dispatcher().waiting() == 1);
        long waited = System.nanoTime();
        while (System.nanoTime() - waited < Duration.ofMillis(50).toNanos()) {
            LockSupport.parkNanos(1_000_000);
        }
        Gate.opened.countDown();
        for (CompletableFuture<HttpResponse<String>> answer : before) {
            assertPasses(answer);
        }
        assertPasses(waiting);
        long latest = waited + Duration.ofMinutes(10).toNanos();
        assertEquals(2, DeadlineRecorder.TIMES.size());
        for (long time : DeadlineRecorder.TIMES) {
            assertTrue(time - latest <= 0, () -> time - latest + " ns more than it should be");
        }
    }

    @Test
    void disconnectedClientsRequestLeavesTheQueue() throws Exception {
        Container container = server.start("SAGEMAKER_MODEL_SERVER_WORKERS", "1").container();
        List<CompletableFuture<HttpResponse<String>>> before = fill(1);
        Socket client = new Socket(InetAddress.getLoopbackAddress(), container.port());
        client.getOutputStream()
                .write(
                        "POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
                                .getBytes());
        await("waiting", () -> container.dispatcher().waiting() == 1);
        client.close();
        await("gone", () -> container.dispatcher().waiting() == 0 && container.openRequests() == 1);
        Gate.opened.countDown();
        for (CompletableFuture<HttpResponse<String>> answer : before) {
            assertPasses(answer);
        }
        assertPasses(post());
        assertEquals(2, DeadlineRecorder.TIMES.size());
        await("open requests", () -> container.openRequests() == 0);
        await("running", () -> container.dispatcher().running() == 0);
    }

    @Test
    void waitingRequestsAreAnsweredBeforeTheContainerStops() throws Exception {
        Container container = server.start("SAGEMAKER_MODEL_SERVER_WORKERS", "1").container();
        List<CompletableFuture<HttpResponse<String>>> answers = fill(1);
        answers.add(post());
        answers.add(post());
        await("waiting", () -> container.dispatcher().waiting() == 2);
        HttpClientFor http = server.http();
        CompletableFuture<Void> stopping = CompletableFuture.runAsync(container::close);
        await("stopping", () -> http.get("/ping").statusCode() == 503);
        assertEquals("{\"error\": \"shutting down\"}", http.post("/invocations", "{}").body());
        Gate.opened.countDown();
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertPasses(answer);
        }
        stopping.get(30, TimeUnit.SECONDS);
    }
}
