package io.bactrian.container;

import static io.bactrian.testing.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.container.http.Dispatcher;
import io.bactrian.container.http.HttpServerService;
import io.bactrian.container.http.InferenceHandler;
import io.bactrian.container.http.InvocationEngine;
import io.bactrian.container.http.InvocationHandler;
import io.bactrian.container.http.ModelHandler;
import io.bactrian.container.http.PredictionServices;
import io.bactrian.container.http.ServerLimits;
import io.bactrian.container.http.ServingState;
import io.bactrian.invocation.ErrorAnswers;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.model.ModelRepository;
import io.bactrian.route.ConfigurationException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Starting and stopping the container, and errors that prevent the start. */
class ContainerLifecycleTest {

    private static final String GATE =
            """
            - route:
                id: gate
                from:
                  uri: pipeline:gate
                  steps:
                    - process: {ref: "#class:io.bactrian.container.Gate"}
                    - setBody: {constant: "through"}
            """;

    @RegisterExtension final TestServer server = TestServer.notStarted();

    /** {@return the answer to a request with a text} */
    private String text(String path) {
        return server.post(path).body();
    }

    @Test
    void onlyPipelineIsTheDefault() throws Exception {
        server.model("spam/1");
        server.route("lower", "spam");
        server.start();
        assertEquals("\"hi\"", text("/invocations"));
        assertEquals("\"hi\"", text("/models/lower/invoke"));
    }

    @Test
    void severalPipelinesRequireAName() throws Exception {
        server.model("spam/1");
        server.route("one", "spam");
        server.route("two", "spam");
        server.start();
        assertEquals(
                "{\"error\": \"several pipelines are served here: post to /models/<name>/invoke or set"
                        + " BACTRIAN_PIPELINE, to one of one, two\"}",
                text("/invocations"));
        server.start("BACTRIAN_PIPELINE", "two");
        assertEquals("\"hi\"", text("/invocations"));
    }

    @Test
    void pipelineInTheCodeFolderMayHaveAnyName() throws Exception {
        server.model("1");
        server.code("", "mine");
        server.route("theirs", "model");
        server.start();
        assertEquals("\"hi\"", text("/invocations"));
        assertEquals("\"hi\"", text("/models/mine/invoke"));
        assertTrue(text("/models/theirs/invoke").contains("no model or pipeline"));
    }

    @Test
    void eachModelMayHaveAPipelineInItsCodeFolder() throws Exception {
        server.model("a/1");
        server.model("b/1");
        server.code("a", "pa");
        server.code("b", "pb");
        server.start();
        assertEquals("\"hi\"", text("/models/pa/invoke"));
        assertEquals("\"hi\"", text("/models/pb/invoke"));
    }

    @Test
    void unnamedModelServesTheDefaultPipeline() throws Exception {
        server.model("1");
        server.route("text-classification", "text-classification");
        server.route("image-classification", "image-classification");
        Container container = server.start("BACTRIAN_PIPELINE", "text-classification").container();
        assertEquals("\"hi\"", text("/invocations"));
        assertEquals(
                Map.of("image-classification", "there is no model \"image-classification\""),
                container.pipelines().loaded().skipped());
    }

    @Test
    void missingDefaultPipelineIsAnError() throws Exception {
        server.model("spam/1");
        assertEquals(
                "BACTRIAN_PIPELINE is \"nope\": there is no such pipeline; there are spam",
                assertThrows(
                                ConfigurationException.class,
                                () -> server.start("BACTRIAN_PIPELINE", "nope"))
                        .getMessage());
    }

    @Test
    void missingModelDirectoryIsAnError() {
        Path models = server.models.resolve("missing");
        assertEquals(
                "there is no model directory "
                        + models
                        + ": set BACTRIAN_MODEL_DIR to the folder with the models",
                assertThrows(
                                ConfigurationException.class,
                                () -> server.start("BACTRIAN_MODEL_DIR", models.toString()))
                        .getMessage());
    }

    @Test
    void portInUseIsAnError() throws Exception {
        server.model("spam/1");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());
            String message =
                    assertThrows(
                                    ConfigurationException.class,
                                    () -> server.start("SAGEMAKER_BIND_TO_PORT", port))
                            .getMessage();
            assertTrue(message.startsWith("can't listen on 127.0.0.1:" + port), message);
        }
    }

    @Test
    void closeWaitsForRequestsInFlight() throws Exception {
        server.model("spam/1");
        server.routes("gate", GATE);
        Gate.close();
        Container container = server.start().container();
        HttpClientFor http = server.http();
        CompletableFuture<HttpResponse<String>> underWay = inBackground(http);
        assertTrue(Gate.entered.await(30, TimeUnit.SECONDS));
        assertEquals(200, http.get("/ping").statusCode());

        CompletableFuture<Void> stopping = CompletableFuture.runAsync(container::close);
        while (http.get("/ping").statusCode() == 200) {
            Thread.onSpinWait();
        }
        HttpResponse<String> refused = http.post("/invocations", "{}");
        assertEquals("{\"error\": \"shutting down\"}", refused.body());
        assertEquals(503, refused.statusCode());
        assertEquals("1", refused.headers().firstValue("retry-after").orElse(null));
        String toTheEnd = readToTheEnd(container.port());
        assertTrue(toTheEnd.startsWith("HTTP/1.1 503 "), toTheEnd);
        assertTrue(toTheEnd.contains("\r\nconnection: close\r\n"), toTheEnd);

        Gate.opened.countDown();
        assertEquals("through", underWay.get(30, TimeUnit.SECONDS).body());
        stopping.get(30, TimeUnit.SECONDS);
        assertThrows(AssertionError.class, () -> http.get("/ping"));
    }

    /** A disconnected client's request is no longer open, but still being processed. */
    @Test
    void closeWaitsForRequestsOfDisconnectedClients() throws Exception {
        server.model("spam/1");
        server.routes("gate", GATE);
        Gate.close();
        Container container = server.start().container();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), container.port())) {
            socket.getOutputStream()
                    .write(
                            "POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
                                    .getBytes());
            assertTrue(Gate.entered.await(30, TimeUnit.SECONDS));
        }
        while (container.openRequests() > 0) {
            Thread.onSpinWait();
        }
        CompletableFuture<Void> stopping = CompletableFuture.runAsync(container::close);
        assertThrows(TimeoutException.class, () -> stopping.get(1, TimeUnit.SECONDS));
        Gate.opened.countDown();
        stopping.get(30, TimeUnit.SECONDS);
    }

    /** Requests that are running, waiting, and still being received. */
    @Test
    void requestsNotAnsweredBeforeTheDrainTimeoutGet503() throws Exception {
        server.model("spam/1");
        server.routes("gate", GATE);
        Gate.close();
        ServerLimits limits = TestLimits.draining(Duration.ofMillis(300));
        Container container =
                server.limits(limits)
                        .start("SAGEMAKER_MODEL_SERVER_WORKERS", "1", "BACTRIAN_PIPELINE", "gate")
                        .container();
        List<CompletableFuture<HttpResponse<String>>> accepted = new ArrayList<>();
        HttpClientFor http = server.http();
        accepted.add(inBackground(http));
        assertTrue(Gate.entered.await(30, TimeUnit.SECONDS));
        accepted.add(inBackground(http));
        accepted.add(inBackground(http));
        await("waiting", () -> container.dispatcher().waiting() == 2);
        try (RawConnection upload = new RawConnection(container.port())) {
            upload.send("POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1");
            await("upload", () -> container.openRequests() == 4);

            container.close();

            for (CompletableFuture<HttpResponse<String>> answer : accepted) {
                HttpResponse<String> refused = answer.get(30, TimeUnit.SECONDS);
                assertEquals("{\"error\": \"shutting down\"}", refused.body());
                assertEquals(503, refused.statusCode());
                assertEquals("1", refused.headers().firstValue("retry-after").orElse(null));
            }
            RawConnection.Answer refused = upload.read();
            assertEquals("{\"error\": \"shutting down\"}", refused.body());
            assertEquals(503, refused.status());
        }
        assertFalse(container.isFinished());
        Gate.opened.countDown();
        await("the end of the work", container::isFinished);
        container.close();
    }

    /** Sends a request and reads until the server closes the connection. */
    private static String readToTheEnd(int port) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream()
                    .write(
                            "POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
                                    .getBytes());
            return new String(socket.getInputStream().readAllBytes());
        }
    }

    @Test
    void requestsBeyondTheLimitInFlightGet503() throws Exception {
        server.model("spam/1");
        server.routes("gate", GATE);
        Gate.close();
        Container container = server.start("BACTRIAN_MAX_IN_FLIGHT", "2").container();
        HttpClientFor http = server.http();
        CompletableFuture<HttpResponse<String>> first = inBackground(http);
        CompletableFuture<HttpResponse<String>> second = inBackground(http);
        assertTrue(Gate.entered.await(30, TimeUnit.SECONDS));
        while (container.dispatcher().running() + container.dispatcher().waiting() < 2) {
            Thread.onSpinWait();
        }
        HttpResponse<String> refused = http.post("/invocations", "{}");
        assertEquals("{\"error\": \"too many requests at once\"}", refused.body());
        assertEquals(503, refused.statusCode());
        assertEquals("1", refused.headers().firstValue("retry-after").orElse(null));
        assertEquals(200, http.get("/ping").statusCode());
        Gate.opened.countDown();
        assertEquals("through", first.get(30, TimeUnit.SECONDS).body());
        assertEquals("through", second.get(30, TimeUnit.SECONDS).body());
        assertEquals("through", http.post("/invocations", "{}").body());
    }

    private static CompletableFuture<HttpResponse<String>> inBackground(HttpClientFor http) {
        return CompletableFuture.supplyAsync(() -> http.post("/invocations", "{}"));
    }

    @Test
    void requestsGet503WhileModelsLoad() throws Exception {
        Dispatcher dispatcher = new Dispatcher(1, Duration.ofMinutes(1));
        ServingState loading = new ServingState();
        PredictionServices services =
                new PredictionServices(
                        ModelRepository.empty(),
                        loading,
                        new InvocationEngine(() -> 0),
                        dispatcher,
                        new ErrorAnswers(),
                        MemoryBudget.unlimited(),
                        1 << 20);
        HttpServerService service =
                new HttpServerService(
                        "127.0.0.1",
                        0,
                        ServerLimits.defaults(),
                        loading,
                        dispatcher,
                        new InvocationHandler(services),
                        new ModelHandler(services),
                        new InferenceHandler(services));
        try {
            service.start();
            HttpClientFor http = new HttpClientFor(service.port());
            HttpResponse<String> ping = http.get("/ping");
            assertEquals(503, ping.statusCode());
            assertEquals("", ping.body());
            HttpResponse<String> refused =
                    http.send("POST", "/invocations", BodyPublishers.ofString("{}"));
            assertEquals(503, refused.statusCode());
            assertEquals("{\"error\": \"models are loading\"}", refused.body());
            assertEquals("1", refused.headers().firstValue("retry-after").orElse(null));
            assertEquals(200, http.get("/v2/health/live").statusCode());
            assertEquals("{\"ready\":false}", http.get("/v2/health/ready").body());
            assertEquals(503, http.get("/v2/health/ready").statusCode());
            assertEquals(503, http.get("/v2/models/half/ready").statusCode());
            assertEquals(503, http.post("/v2/models/half/infer", "{}").statusCode());
            assertEquals(503, http.get("/v1/models/half").statusCode());
            assertEquals(503, http.post("/v1/models/half:predict", "{}").statusCode());
        } finally {
            service.stop(1000);
        }
    }
}
