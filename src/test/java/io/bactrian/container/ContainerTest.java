package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.tensor.NamedTensors;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The HTTP API of the container. */
class ContainerTest {

    private static final String ROUTES =
            """
            - beans:
                - name: wholeText
                  type: io.bactrian.preprocess.TextPreprocessor
                - name: twoOutputs
                  type: io.bactrian.postprocess.TopKPostprocessor
            - route:
                id: echo
                from:
                  uri: pipeline:echo
                  parameters: {consumes: "application/json,text/*", produces: "application/json,text/plain"}
                  steps:
                    - unmarshal: {json: {}}
                    - process: {ref: "#wholeText"}
                    - to: {uri: "tensorflow:echo"}
                    - process: {ref: "#class:io.bactrian.container.TextAnswer"}
                    - marshal: {json: {}}
            - route:
                id: faulty
                from:
                  uri: pipeline:faulty
                  steps:
                    - throwException: {exceptionType: java.lang.IllegalStateException, message: "secret of the house"}
            - route:
                id: attributes
                from:
                  uri: pipeline:attributes
                  parameters: {produces: text/plain}
                  steps:
                    - setHeader: {name: X-Amzn-SageMaker-Custom-Attributes, simple: "got ${header.CamelSageMakerCustomAttributes}"}
                    - setBody: {simple: "${header.CamelSageMakerInferenceId}"}
            - route:
                id: unfinished
                from:
                  uri: pipeline:unfinished
                  steps:
                    - unmarshal: {json: {}}
                    - process: {ref: "#wholeText"}
                    - to: {uri: "tensorflow:echo"}
            - route:
                id: empty
                from:
                  uri: pipeline:empty
                  parameters: {produces: text/plain}
                  steps:
                    - setBody: {constant: ""}
            - route:
                id: absent
                from:
                  uri: pipeline:absent
                  steps:
                    - to: {uri: "tensorflow:absent"}
            """;

    private static final String NOT_SERVED =
            "no model or pipeline of that name is served here: there are attributes, echo, empty,"
                    + " faulty, unfinished";

    @RegisterExtension
    static TestServer server =
            TestServer.started(
                    setup ->
                            setup.model("echo/1")
                                    .routes("test", ROUTES)
                                    .set("SAGEMAKER_MAX_PAYLOAD_IN_MB", "1")
                                    .set("BACTRIAN_PIPELINE", "echo"));

    private final long open = NamedTensors.open();

    /** The server still works after each test. */
    @AfterEach
    void nextRequestSucceeds() {
        assertEquals("\"hi\"", server.http().post("/invocations", "{\"text\": \"Hi\"}").body());
        // An exchange may be done shortly after its answer has been read.
        assertTimeoutPreemptively(
                Duration.ofSeconds(10),
                () -> {
                    while (NamedTensors.open() > open) {
                        Thread.onSpinWait();
                    }
                });
    }

    private static void assertAnswer(HttpResponse<String> response, int status, String body) {
        assertEquals(body, response.body());
        assertEquals(status, response.statusCode());
        assertEquals(
                "application/json", response.headers().firstValue("content-type").orElse(null));
        assertEquals(
                String.valueOf(body.getBytes(StandardCharsets.UTF_8).length),
                response.headers().firstValue("content-length").orElse(null));
    }

    private static void assertRefused(HttpResponse<String> response, int status, String message) {
        assertAnswer(response, status, "{\"error\": \"" + message + "\"}");
    }

    @Test
    void pingHasNoBody() {
        HttpResponse<String> ping = server.http().get("/ping");
        assertEquals(200, ping.statusCode());
        assertEquals("", ping.body());
        assertEquals(
                200, server.http().send("HEAD", "/ping", BodyPublishers.noBody()).statusCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/invocations", "/models/echo/invoke"})
    void pipelineIsInvokedAtBothPaths(String path) {
        assertAnswer(server.http().post(path, "{\"text\": \"ÉTÉ\"}"), 200, "\"été\"");
    }

    @Test
    void targetModelHeaderSelectsThePipeline() {
        HttpResponse<String> response =
                server.http()
                        .post(
                                "/invocations",
                                new byte[0],
                                "X-Amzn-SageMaker-Target-Model",
                                "empty");
        assertEquals("", response.body());
        assertEquals(200, response.statusCode());
        assertEquals("text/plain", response.headers().firstValue("content-type").orElse(null));
        assertRefused(
                server.http()
                        .post("/invocations", new byte[0], "X-Amzn-SageMaker-Target-Model", "nope"),
                404,
                NOT_SERVED);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /invocations, POST",
        "PUT, /models/echo/invoke, POST",
        "DELETE, /invocations, POST",
        "POST, /ping, 'GET, HEAD'"
    })
    void wrongMethodIsNotAllowed(String method, String path, String allowed) {
        HttpResponse<String> response =
                server.http().send(method, path, BodyPublishers.ofString("x"));
        assertRefused(response, 405, "this path takes " + allowed);
        assertEquals(allowed, response.headers().firstValue("allow").orElse(null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/nowhere",
                "/invocations/",
                "/models",
                "/models/echo",
                "/models//invoke",
                "/models/a/b/invoke"
            })
    void unknownPathIsNotFound(String path) {
        assertRefused(
                server.http().post(path, "{}"),
                404,
                "nothing is here: there are GET /ping, POST /invocations, POST"
                        + " /models/<name>/invoke, /v1/models/<name> with :predict, :classify,"
                        + " :regress and /metadata, GET /v2, and /v2/models/<name> with /infer and"
                        + " /ready");
    }

    @Test
    void unknownPipelineIsNotFound() {
        assertRefused(server.http().post("/models/nope/invoke", "{}"), 404, NOT_SERVED);
        assertRefused(server.http().post("/models/a%20%22b%22/invoke", "{}"), 404, NOT_SERVED);
        assertRefused(
                server.http().post("/models/%zz/invoke".replace("%zz", "%25zz"), "{}"),
                404,
                NOT_SERVED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "image/png",
                "nonsense"
            })
    void unsupportedContentTypeIsRejected(String contentType) {
        assertRefused(
                server.http().post("/invocations", "{}".getBytes(), "Content-Type", contentType),
                415,
                "pipeline \\\"echo\\\" takes application/json, text/*, not this Content-Type");
        assertFalse(Files.exists(Path.of("file-uploads")));
    }

    @Test
    void missingContentTypeDefaultsToTheFirstConsumedType() {
        assertAnswer(
                server.http().post("/invocations", "{\"text\": \"X\"}".getBytes()), 200, "\"x\"");
    }

    @Test
    void unacceptableAcceptIsRejected() {
        assertRefused(
                server.http()
                        .post(
                                "/invocations",
                                "{}".getBytes(),
                                "Content-Type",
                                "application/json",
                                "Accept",
                                "image/png"),
                406,
                "pipeline \\\"echo\\\" answers with application/json, text/plain, which Accept does not take");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*/*", "application/*", "application/json", "text/html, */*;q=0.1"})
    void matchingAcceptIsAnswered(String accept) {
        assertAnswer(
                server.http()
                        .post(
                                "/invocations",
                                "{\"text\": \"X\"}".getBytes(),
                                "Content-Type",
                                "application/json; charset=utf-8",
                                "Accept",
                                accept),
                200,
                "\"x\"");
    }

    @Test
    void bodyAboveTheLimitIsRejected() {
        byte[] body = new byte[(1 << 20) + 1];
        String message = "the body is larger than the limit of 1048576 bytes";
        assertRefused(
                server.http().post("/invocations", body, "Content-Type", "application/json"),
                413,
                message);
        HttpResponse<String> chunked =
                server.http()
                        .send(
                                "POST",
                                "/invocations",
                                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)),
                                "Content-Type",
                                "application/json");
        assertRefused(chunked, 413, message);
    }

    @Test
    void bodyOfTheMaximumSizeIsAccepted() {
        String text = "x".repeat((1 << 20) - "{\"text\": \"\"}".length());
        assertEquals(
                200,
                server.http().post("/invocations", "{\"text\": \"" + text + "\"}").statusCode());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | missing field \\\"text\\\"",
                "[] | body is empty, expected at least one text",
                "[1] | body[0]: expected an object with a field \\\"text\\\", such as {\\\"text\\\": \\\"...\\\"}",
                "{\"text\": 1} | field \\\"text\\\" must be a string, got a number",
                "{\"text\": | the body is not valid JSON: Unexpected end-of-input within/between Object entries (line 1, column 9)",
                "nonsense | the body is not valid JSON: Unrecognized token 'nonsense': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false') (line 1, column 1)"
            })
    void invalidInputIsRejectedWithAReason(String body, String message) {
        assertRefused(server.http().post("/invocations", body), 400, message);
    }

    @Test
    void emptyBodyIsRejected() {
        HttpResponse<String> response = server.http().post("/invocations", "");
        assertEquals(400, response.statusCode());
        assertTrue(response.body().startsWith("{\"error\": \"the body is "), response.body());
    }

    /** Jackson would detect UTF-16 and UTF-32 by zero bytes, but JSON is UTF-8. */
    @ParameterizedTest
    @ValueSource(strings = {"0000feff3a217480", "0000007b", "7b000000", "feff007b", "fffe7b00"})
    void otherUnicodeEncodingsAreNotDetected(String hex) {
        byte[] body = HexFormat.of().parseHex(hex);
        HttpResponse<String> response =
                server.http().post("/invocations", body, "Content-Type", "application/json");
        assertEquals(400, response.statusCode(), response.body());
        assertTrue(response.body().startsWith("{\"error\": \""), response.body());
    }

    @Test
    void internalErrorReturnsOnlyAnId() {
        HttpResponse<String> response = server.http().post("/models/faulty/invoke", "{}");
        assertEquals(500, response.statusCode());
        assertTrue(
                response.body().matches("\\{\"error\": \"internal error, id [0-9a-f-]{36}\"}"),
                response.body());
    }

    @Test
    void missingMarshalStepIsAPipelineFault() {
        assertRefused(
                server.http().post("/models/unfinished/invoke", "{\"text\": \"x\"}"),
                500,
                "pipeline \\\"unfinished\\\" ended with a body of io.bactrian.tensor.NamedTensors,"
                        + " which can't be sent: marshal it as its last step");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/models/empty/invoke?secret=1&q=2",
                "/models/nope/invoke?secret=1",
                "/models/faulty/invoke?secret=1"
            })
    void requestHeadersAreNotEchoed(String path) {
        HttpResponse<String> response =
                server.http()
                        .post(
                                path,
                                "{}".getBytes(),
                                "X-Secret",
                                "1",
                                "Authorization",
                                "Basic c2VjcmV0",
                                "user-agent",
                                "me",
                                "X-Amzn-SageMaker-Custom-Attributes",
                                "secret",
                                "X-Amzn-SageMaker-Inference-Id",
                                "secret",
                                "CamelHttpResponseCode",
                                "299");
        assertEquals(
                Set.of("content-length", "content-type"),
                new TreeSet<>(response.headers().map().keySet()));
        assertFalse(response.body().contains("secret"));
        assertTrue(List.of(200, 404, 500).contains(response.statusCode()));
    }

    @Test
    void customAttributesSetByThePipelineAreReturned() {
        HttpResponse<String> response =
                server.http()
                        .post(
                                "/models/attributes/invoke",
                                new byte[0],
                                "X-Amzn-SageMaker-Custom-Attributes",
                                "trace=7",
                                "X-Amzn-SageMaker-Inference-Id",
                                "id-1");
        assertEquals(
                "got trace=7",
                response.headers().firstValue("X-Amzn-SageMaker-Custom-Attributes").orElse(null));
        assertEquals("id-1", response.body());
    }

    @Test
    void routeWithoutItsModelIsSkipped() {
        assertRefused(
                server.http().post("/models/absent/invoke", "{}"),
                503,
                "test.camel.yaml: there is no model \\\"absent\\\", only echo");
        assertEquals(
                Map.of("absent", "there is no model \"absent\""),
                server.container().pipelines().loaded().skipped());
        String report = server.report();
        assertTrue(
                report.contains("\n  absent: not served, there is no model \"absent\"\n"), report);
        assertTrue(
                report.contains("\n    serving_default: \"x\" string [-1] -> \"y\" string [-1]\n"),
                report);
        assertTrue(
                report.contains(
                        "\n  echo: application/json, text/* -> application/json, text/plain"
                                + "   POST /models/echo/invoke and POST /invocations\n"),
                report);
        assertTrue(
                report.endsWith("ready on http://127.0.0.1:" + server.port() + " after 1.2 s"),
                report);
    }
}
