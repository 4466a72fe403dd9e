package io.bactrian.container;

import static io.bactrian.testing.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.container.RawConnection.Answer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Valid and invalid HTTP requests, sent byte by byte. */
@Timeout(120)
class HttpServerTest {

    private static final int MAX_BODY = 1 << 20;

    private static final String ROUTES =
            """
            - route:
                id: size
                from:
                  uri: pipeline:size
                  parameters: {produces: text/plain}
                  steps:
                    - process: {ref: "#class:io.bactrian.container.BodySize"}
            - route:
                id: large
                from:
                  uri: pipeline:large
                  parameters: {produces: application/octet-stream}
                  steps:
                    - process: {ref: "#class:io.bactrian.container.LargeAnswer"}
            """;

    @RegisterExtension
    static TestServer server =
            TestServer.started(
                    setup ->
                            setup.model("echo/1")
                                    .routes("test", ROUTES)
                                    .set("SAGEMAKER_MAX_PAYLOAD_IN_MB", "1")
                                    .set("BACTRIAN_PIPELINE", "size")
                                    .limits(TestLimits.patient(2)));

    /** After each test no request is open, and the next request succeeds. */
    @AfterEach
    void serverIsIdleAndUsable() {
        server.awaitIdle();
        try (RawConnection connection = connect()) {
            assertEquals("2", connection.send(post("{}")).read().body());
        }
    }

    private static RawConnection connect() {
        return new RawConnection(server.port());
    }

    private static String head(String... headers) {
        return "POST /invocations HTTP/1.1\r\nHost: x\r\n"
                + String.join("", List.of(headers).stream().map(h -> h + "\r\n").toList())
                + "\r\n";
    }

    private static String post(String body, String... headers) {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 1);
        all[headers.length] = "Content-Length: " + body.length();
        return head(all) + body;
    }

    private static void assertRefused(Answer answer, int status, String message) {
        assertEquals("{\"error\": \"" + message + "\"}", answer.body());
        assertEquals(status, answer.status());
        assertEquals("application/json", answer.headers().get("content-type"));
    }

    /** Checks that a request is refused and the connection is closed after the answer. */
    private static void assertRefusedAndClosed(String request, int status, String message) {
        try (RawConnection connection = connect()) {
            connection.send(request);
            Answer answer = connection.read();
            assertRefused(answer, status, message);
            assertTrue(answer.closes());
            assertEquals("", connection.readToEnd());
        }
    }

    @Test
    void connectionIsReused() {
        try (RawConnection connection = connect()) {
            assertEquals("3", connection.send(post("abc")).read().body());
            assertEquals(
                    200, connection.send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n").read().status());
            assertEquals(
                    "5",
                    connection
                            .send(
                                    head("Transfer-Encoding: chunked")
                                            + "2\r\nab\r\n3;name=value\r\ncde\r\n0\r\n\r\n")
                            .read()
                            .body());
            assertEquals("0", connection.send(post("")).read().body());
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() {
        try (RawConnection connection = connect()) {
            connection.send(
                    post("a")
                            + post("ab")
                            + "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"
                            + post("nothing is here").replace("/invocations", "/nowhere")
                            + post("abc"));
            assertEquals("1", connection.read().body());
            assertEquals("2", connection.read().body());
            assertEquals("", connection.read().body());
            assertEquals(404, connection.read().status());
            assertEquals("3", connection.read().body());
            assertEquals("4", connection.send(post("abcd")).read().body());
        }
    }

    @Test
    void pipelinedRequestsAreNotBufferedByTheServer() {
        try (RawConnection connection = connect()) {
            String body = "a".repeat(500_000);
            Thread reader =
                    new Thread(
                            () -> {
                                for (int i = 0; i < 20; i++) {
                                    assertEquals("500000", connection.read().body());
                                }
                            });
            reader.start();
            for (int i = 0; i < 20; i++) {
                connection.send(post(body));
            }
            await("answers", () -> !reader.isAlive());
            assertEquals("1", connection.send(post("a")).read().body());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 3", "Content-Length: 13"})
    void contentLengthWithTransferEncodingIsRejected(String length) {
        assertRefusedAndClosed(
                head(length, "Transfer-Encoding: chunked") + "3\r\nabc\r\n0\r\n\r\n",
                400,
                "a request has either Content-Length or Transfer-Encoding");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gzip",
                "gzip, chunked",
                "chunked, gzip",
                "identity",
                "chunked, chunked",
                "\"chunked\"",
                "chunked;q=1",
                "x",
                "chunked\r\nTransfer-Encoding: identity",
                "identity\r\nTransfer-Encoding: chunked"
            })
    void otherTransferEncodingsAreRejected(String encoding) {
        assertRefusedAndClosed(
                head("Transfer-Encoding: " + encoding)
                        + "3\r\nabc\r\n0\r\n\r\n"
                        + "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n",
                400,
                "the only supported transfer encoding is chunked, in HTTP/1.1");
    }

    @Test
    void chunkedHttp10RequestIsRejected() {
        assertRefusedAndClosed(
                "POST /invocations HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                400,
                "the only supported transfer encoding is chunked, in HTTP/1.1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "+3",
                "-3",
                "3 3",
                "3,3",
                "3, 3",
                "0x3",
                "3.0",
                "three",
                "",
                "99999999999999999999999",
                "3\r\nContent-Length: 3",
                "3\r\nContent-Length: 4"
            })
    void invalidContentLengthIsRejected(String length) {
        assertRefusedAndClosed(
                head("Content-Length: " + length) + "abc",
                400,
                "the request is not well-formed HTTP");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /ping\r\n\r\n",
                "GET /ping HTTP/1.1\r\nHost x\r\n\r\n",
                "GET /ping HTTP/1.1\r\nHost : x\r\n\r\n",
                "GET /ping HTTP/1.1\r\nHost: x\r\nA\u0000: b\r\n\r\n",
                "GET /ping HTTP/1.1\r\nHost: x\r\nA: b\u0000c\r\n\r\n"
            })
    void malformedHeadIsRejected(String head) {
        assertRefusedAndClosed(head, 400, "the request is not well-formed HTTP");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/2.0", "HTTP/0.9", "HTTP/3.0", "HTTP/1.2", "http/1.1", "HtTP/1.0"})
    void otherHttpVersionsAreRejected(String version) {
        assertRefusedAndClosed(
                "GET /ping " + version + "\r\nHost: x\r\n\r\n",
                505,
                "the HTTP version must be 1.1 or 1.0");
    }

    @Test
    void longRequestLineIsRejected() {
        assertRefusedAndClosed(
                "GET /" + "a".repeat(100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
                414,
                "the request line is too long");
    }

    @Test
    void largeHeadersAreRejected() {
        assertRefusedAndClosed(
                head("X: " + "a".repeat(100_000)), 431, "the request's headers are too large");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host: y", "Host: x", "host:", ": y", ":"})
    void ambiguousHeadersAreRejected(String header) {
        try (RawConnection connection = connect()) {
            assertRefused(
                    connection.send(post("abc", header)).read(),
                    400,
                    "the request has more than one Host, or a header without a name");
        }
    }

    @Test
    void missingHostIsRejected() {
        try (RawConnection connection = connect()) {
            assertRefused(
                    connection.send("GET /ping HTTP/1.1\r\n\r\n").read(),
                    400,
                    "For HTTP/1.x requests, the 'Host' header is required");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x\r\n",
                "-1\r\nabc\r\n0\r\n\r\n",
                "3\r\nabcd\r\n0\r\n\r\n",
                "3\r\nab\r\n0\r\n\r\n",
                "fffffffffffffffff\r\nabc\r\n",
                "3\nabc\n0\n\n",
                "3;a\nb\r\nabc\r\n0\r\n\r\n"
            })
    void malformedChunksAreRejected(String chunks) {
        assertRefusedAndClosed(
                head("Transfer-Encoding: chunked") + chunks,
                400,
                "the chunked body is not well-formed");
    }

    /**
     * A line feed in a chunk's extension can be interpreted in two ways. The hidden request must
     * not be answered.
     */
    @Test
    void requestHiddenInAChunkExtensionIsNotAnswered() {
        try (RawConnection connection = connect()) {
            connection.send(
                    head("Transfer-Encoding: chunked")
                            + "2;\nxx\r\n4c\r\n0\r\n\r\n"
                            + "GET /ping HTTP/1.1\r\nHost: x\r\nX: ");
            connection.shutdownOutput();
            String answers = connection.readToEnd();
            assertTrue(answers.startsWith("HTTP/1.1 400 "), answers);
            assertEquals(1, answers.split("HTTP/1.1 ", -1).length - 1, answers);
        }
    }

    /** A decoder that supports quoted strings would not see the hidden request. */
    @Test
    void requestHiddenInAQuotedExtensionIsNotAnswered() {
        assertRefusedAndClosed(
                head("Transfer-Encoding: chunked")
                        + "1;a=\"\r\nX\r\n0\r\n\r\nGET /ping HTTP/1.1\r\nHost: x\r\n\r\n\"\r\n"
                        + "Y\r\n0\r\n\r\n",
                400,
                "the chunked body is not well-formed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/%zz",
                "/ping%",
                "/%u0041",
                "/models/%/invoke",
                "/models/a%2/invoke",
                "/%-1"
            })
    void invalidPercentEncodingIsRejected(String path) {
        for (String method : List.of("GET", "POST")) {
            try (RawConnection connection = connect()) {
                assertRefused(
                        connection
                                .send(method + " " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")
                                .read(),
                        400,
                        "the path is not well-formed: % must be followed by two hexadecimal digits");
                assertEquals("1", connection.send(post("a")).read().body());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/invocations?%zz", "/invocations?a=%", "/invocations?%u0041=1&a"})
    void queryIsNotValidated(String path) {
        try (RawConnection connection = connect()) {
            connection.send("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na");
            assertEquals("1", connection.read().body());
        }
    }

    @Test
    void percentEncodedPathIsDecoded() {
        try (RawConnection connection = connect()) {
            connection.send(
                    "POST /models/s%69ze/invoke HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na");
            assertEquals("1", connection.read().body());
        }
    }

    @Test
    void expect100ContinueIsAnswered() {
        try (RawConnection connection = connect()) {
            connection.send(head("Content-Length: 3", "Expect: 100-continue"));
            assertEquals(100, connection.readHead().status());
            assertEquals("3", connection.send("abc").read().body());
            connection.send(head("Transfer-Encoding: chunked", "Expect: 100-Continue"));
            assertEquals(100, connection.readHead().status());
            assertEquals("2", connection.send("2\r\nab\r\n0\r\n\r\n").read().body());
        }
    }

    @Test
    void expectIsIgnoredForHttp10() {
        try (RawConnection connection = connect()) {
            connection.send(post("abc", "Expect: 100-continue").replace("HTTP/1.1", "HTTP/1.0"));
            Answer answer = connection.read();
            assertEquals(200, answer.status());
            assertEquals("3", answer.body());
        }
    }

    @Test
    void refusedRequestGetsNo100Continue() {
        assertRefusedAndClosed(
                head("Content-Length: 99999999", "Expect: 100-continue"),
                413,
                "the body is larger than the limit of 1048576 bytes");
        assertRefusedAndClosed(
                "POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
                404,
                "nothing is here: there are GET /ping, POST /invocations, POST"
                        + " /models/<name>/invoke, /v1/models/<name> with :predict, :classify,"
                        + " :regress and /metadata, GET /v2, and /v2/models/<name> with /infer and"
                        + " /ready");
    }

    @ParameterizedTest
    @ValueSource(strings = {"200-ok", "x", "100-continue\r\nExpect: x"})
    void otherExpectationsAreRejected(String expectation) {
        try (RawConnection connection = connect()) {
            Answer answer = connection.send(post("abc", "Expect: " + expectation)).read();
            assertRefused(answer, 417, "the only supported expectation is 100-continue");
        }
    }

    @Test
    void announcedBodyAboveTheLimitIsRejected() {
        try (RawConnection connection = connect()) {
            connection.send(head("Content-Length: " + (64 << 20)));
            Answer answer = connection.read();
            assertRefused(answer, 413, "the body is larger than the limit of 1048576 bytes");
            assertTrue(answer.closes());
            // A client that continues to send is not disconnected, so that it can read the answer.
            byte[] megabyte = new byte[1 << 20];
            for (int i = 0; i < 64; i++) {
                connection.send(megabyte);
            }
            assertEquals("", connection.readToEnd());
        }
    }

    /** Like most clients, reads the answer only after sending the whole body. */
    @Test
    void chunkedBodyAboveTheLimitIsRejected() {
        try (RawConnection connection = connect()) {
            connection.send(head("Transfer-Encoding: chunked"));
            byte[] chunk = ("10000\r\n" + "a".repeat(65536) + "\r\n").getBytes();
            for (int i = 0; i < 300; i++) {
                connection.send(chunk);
            }
            connection.send("0\r\n\r\n");
            Answer answer = connection.read();
            assertRefused(answer, 413, "the body is larger than the limit of 1048576 bytes");
            assertTrue(answer.closes());
            assertEquals("", connection.readToEnd());
        }
    }

    @Test
    void bodyOfTheMaximumSizeIsAccepted() {
        try (RawConnection connection = connect()) {
            connection.send(head("Content-Length: " + MAX_BODY)).send(new byte[MAX_BODY]);
            assertEquals(String.valueOf(MAX_BODY), connection.read().body());
            connection.send(head("Transfer-Encoding: chunked"));
            for (int i = 0; i < 16; i++) {
                connection.send("10000\r\n").send(new byte[65536]).send("\r\n");
            }
            connection.send("0\r\n\r\n");
            assertEquals(String.valueOf(MAX_BODY), connection.read().body());
        }
    }

    /** Each chunk would be an object many times its size. */
    @Test
    void manyTinyChunksAreAccepted() {
        try (RawConnection connection = connect()) {
            connection.send(head("Transfer-Encoding: chunked"));
            connection.send("1\r\na\r\n".repeat(20_000) + "0\r\n\r\n");
            assertEquals("20000", connection.read().body());
        }
    }

    @Test
    void connectionIsReusableAfterASmallRefusedRequest() {
        try (RawConnection connection = connect()) {
            for (int i = 0; i < 3; i++) {
                Answer answer =
                        connection
                                .send(
                                        "POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
                                                + "a".repeat(1000))
                                .read();
                assertEquals(404, answer.status());
            }
            assertEquals("1", connection.send(post("a")).read().body());
        }
    }

    private static byte[] gzip(byte[] bytes) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] deflate(byte[] bytes, boolean raw) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflate = new DeflaterOutputStream(out, new Deflater(9, raw))) {
            deflate.write(bytes);
        }
        return out.toByteArray();
    }

    private static Answer encoded(String encoding, byte[] body) {
        try (RawConnection connection = connect()) {
            return connection
                    .send(head("Content-Encoding: " + encoding, "Content-Length: " + body.length))
                    .send(body)
                    .read();
        }
    }

    @ParameterizedTest
    @CsvSource({"gzip", "x-gzip", "GZIP"})
    void gzipBodiesAreDecompressed(String encoding) throws Exception {
        assertEquals("1000", encoded(encoding, gzip(new byte[1000])).body());
        assertEquals("1048576", encoded(encoding, gzip(new byte[MAX_BODY])).body());
    }

    @Test
    void deflateBodiesAreDecompressed() throws Exception {
        assertEquals("1000", encoded("deflate", deflate(new byte[1000], false)).body());
        assertEquals("1000", encoded("deflate", deflate(new byte[1000], true)).body());
        assertEquals("3", encoded("identity", "abc".getBytes()).body());
    }

    @Test
    void decompressionBombsAreRejected() throws Exception {
        String message = "the body is larger than the limit of 1048576 bytes";
        assertRefused(encoded("gzip", gzip(new byte[MAX_BODY + 1])), 413, message);
        assertRefused(encoded("gzip", gzip(new byte[50 << 20])), 413, message);
        assertRefused(encoded("deflate", deflate(new byte[50 << 20], false)), 413, message);
    }

    @Test
    void corruptCompressedBodiesAreRejected() throws Exception {
        byte[] gzip = gzip("what is compressed here".getBytes());
        byte[] wrongCrc = gzip.clone();
        wrongCrc[gzip.length - 8] ^= 1;
        byte[] wrongLength = gzip.clone();
        wrongLength[gzip.length - 1] ^= 1;
        byte[] wrongData = gzip.clone();
        wrongData[12] ^= 0x55;
        for (byte[] corrupt :
                List.of(wrongCrc, wrongLength, wrongData, "no gzip".getBytes(), new byte[100])) {
            assertRefused(encoded("gzip", corrupt), 400, "the compressed body is corrupt");
        }
        byte[] cut = java.util.Arrays.copyOf(gzip, gzip.length - 9);
        assertRefused(encoded("gzip", cut), 400, "the compressed body ends too early");
        assertRefused(encoded("gzip", new byte[0]), 400, "the compressed body ends too early");
        assertRefused(
                encoded("deflate", "no zlib, \u0007".getBytes()),
                400,
                "the compressed body is corrupt");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"br", "zstd", "gzip, gzip", "compress", "gzip\r\nContent-Encoding: gzip"})
    void otherContentEncodingsAreRejected(String encoding) {
        assertRefused(
                encoded(encoding, "abc".getBytes()),
                415,
                "Content-Encoding must be gzip, deflate or identity");
    }

    @Test
    void http10RequestsAreAnswered() {
        try (RawConnection connection = connect()) {
            connection.send("POST /invocations HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc");
            assertEquals("3", connection.read().body());
            assertEquals("", connection.readToEnd());
        }
        try (RawConnection connection = connect()) {
            String request =
                    "POST /invocations HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc";
            assertEquals("3", connection.send(request).read().body());
            assertEquals("3", connection.send(request).read().body());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"close", "TE, close", "close, keep-alive"})
    void connectionCloseIsHonored(String options) {
        try (RawConnection connection = connect()) {
            connection.send(post("abc", "Connection: " + options) + post("this is not read"));
            Answer answer = connection.read();
            assertEquals("3", answer.body());
            assertTrue(answer.closes());
            assertEquals("", connection.readToEnd());
        }
    }

    @Test
    void headAndOptionsAreAnswered() {
        try (RawConnection connection = connect()) {
            Answer head = connection.send("HEAD /ping HTTP/1.1\r\nHost: x\r\n\r\n").readHead();
            assertEquals(200, head.status());
            head = connection.send("HEAD /invocations HTTP/1.1\r\nHost: x\r\n\r\n").readHead();
            assertEquals(405, head.status());
            assertEquals("POST", head.headers().get("allow"));
            Answer options =
                    connection.send("OPTIONS /invocations HTTP/1.1\r\nHost: x\r\n\r\n").read();
            assertEquals(204, options.status());
            assertEquals("POST", options.headers().get("allow"));
            options = connection.send("OPTIONS /ping HTTP/1.1\r\nHost: x\r\n\r\n").read();
            assertEquals("GET, HEAD", options.headers().get("allow"));
            assertEquals(
                    404, connection.send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").read().status());
            assertEquals(
                    405,
                    connection.send("TRACE /ping HTTP/1.1\r\nHost: x\r\n\r\n").read().status());
            assertEquals("1", connection.send(post("a")).read().body());
        }
    }

    @Test
    void disconnectDuringAnUploadLeavesNothingOpen() throws Exception {
        for (String upload :
                List.of(
                        head("Content-Length: 1000") + "some of it",
                        head("Transfer-Encoding: chunked") + "10\r\nsome of it",
                        head("Content-Length: 1000", "Content-Encoding: gzip") + "\u001f")) {
            RawConnection connection = connect();
            connection.send(upload);
            await("open requests", () -> server.container().openRequests() == 1);
            connection.socket().setSoLinger(true, 0);
            connection.close();
            serverIsIdleAndUsable();
        }
    }

    @Test
    void largeAnswersAreWritten() {
        try (RawConnection connection = connect()) {
            for (int size : new int[] {65535, 65536, 65537, 5_000_000}) {
                String body = String.valueOf(size);
                connection.send(
                        "POST /models/large/invoke HTTP/1.1\r\nHost: x\r\nContent-Length: "
                                + body.length()
                                + "\r\n\r\n"
                                + body);
                Answer answer = connection.read();
                assertEquals(LargeAnswer.text(size), answer.body());
                await("memory", () -> server.container().budget().reserved() == 0);
            }
        }
    }

    @Test
    void disconnectDuringAnAnswerFreesItsMemory() throws Exception {
        try (RawConnection connection = connect()) {
            connection.socket().setReceiveBufferSize(4096);
            connection.send(
                    "POST /models/large/invoke HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n50000000");
            await("memory", () -> server.container().budget().reserved() == 50_000_000);
            await("running", () -> server.container().dispatcher().running() == 0);
        }
    }

    /** Vert.x would queue all of them. */
    @Test
    void tooManyPipelinedRequestsCloseTheConnection() {
        try (RawConnection connection = connect()) {
            connection.send(post("{}").repeat(100));
            assertEquals(200, connection.read().status());
            connection.readToEnd();
        } catch (java.io.UncheckedIOException | AssertionError e) {
            // The connection was reset, since the client was still sending.
        }
    }

    @Test
    void formBodiesAreNotParsed() {
        try (RawConnection connection = connect()) {
            for (String type :
                    List.of(
                            "application/x-www-form-urlencoded",
                            "multipart/form-data; boundary=x")) {
                assertEquals(
                        "7",
                        connection.send(post("a=1&b=2", "Content-Type: " + type)).read().body());
            }
        }
    }

    @Test
    void severalEventLoopsShareThePort() {
        for (int i = 0; i < 8; i++) {
            try (RawConnection connection = connect()) {
                assertEquals("3", connection.send(post("abc")).read().body());
            }
        }
    }

    @Test
    void bodyIsReceivedUnchanged() {
        byte[] bytes = "Wörter".getBytes(StandardCharsets.UTF_8);
        try (RawConnection connection = connect()) {
            connection.send(head("Content-Length: " + bytes.length)).send(bytes);
            assertEquals(String.valueOf(bytes.length), connection.read().body());
        }
    }
}
