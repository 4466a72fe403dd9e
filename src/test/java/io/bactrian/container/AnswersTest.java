package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.tensor.BadInputException;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** Request and response bodies, content types and statuses over HTTP. */
class AnswersTest {

    private static final int MEGABYTE = 1 << 20;

    private static final String ROUTES =
            """
            - beans:
                - name: textField
                  type: io.bactrian.preprocess.TextPreprocessor
                  properties: {caseFolding: NONE}
                - name: wholeText
                  type: io.bactrian.preprocess.TextPreprocessor
                  properties: {field: "", caseFolding: NONE}
                - name: array
                  type: io.bactrian.preprocess.JsonArrayPreprocessor
                  properties: {field: x, batch: false}
                - name: batch
                  type: io.bactrian.preprocess.JsonArrayPreprocessor
                  properties: {field: x}
                - name: top
                  type: io.bactrian.container.ScoreList
            - route:
                id: json-text
                from:
                  uri: pipeline:json-text
                  parameters: {consumes: application/json, produces: application/json}
                  steps:
                    - unmarshal: {json: {}}
                    - process: {ref: "#textField"}
                    - to: {uri: "tensorflow:strings"}
                    - process: {ref: "#class:io.bactrian.container.TextAnswer"}
                    - marshal: {json: {}}
            - route:
                id: text
                from:
                  uri: pipeline:text
                  parameters: {produces: "text/plain; charset=utf-8"}
                  steps:
                    - process: {ref: "#wholeText"}
                    - to: {uri: "tensorflow:strings"}
                    - process: {ref: "#class:io.bactrian.container.TextAnswer"}
            - route:
                id: array
                from:
                  uri: pipeline:array
                  parameters: {produces: application/json}
                  steps:
                    - process: {ref: "#array"}
                    - to: {uri: "tensorflow:floats"}
                    - process: {ref: "#top"}
                    - marshal: {json: {}}
            - route:
                id: batched
                from:
                  uri: pipeline:batched
                  steps:
                    - process: {ref: "#batch"}
                    - to: {uri: "tensorflow:floats"}
                    - process: {ref: "#top"}
                    - marshal: {json: {}}
            - route:
                id: array-by-maps
                from:
                  uri: pipeline:array-by-maps
                  parameters: {produces: application/json}
                  steps:
                    - unmarshal: {json: {}}
                    - process: {ref: "#array"}
                    - to: {uri: "tensorflow:floats"}
                    - process: {ref: "#top"}
                    - marshal: {json: {}}
            - route:
                id: bytes
                from:
                  uri: pipeline:bytes
                  steps:
                    - setHeader: {name: X-Body-Type, simple: "${body.getClass().getName()}"}
            - route:
                id: any
                from:
                  uri: pipeline:any
                  parameters: {produces: "*/*"}
                  steps:
                    - process: {ref: "#class:io.bactrian.container.AnswersTest$Wanted"}
            - route:
                id: latin1
                from:
                  uri: pipeline:latin1
                  parameters: {produces: "text/plain; charset=iso-8859-1"}
                  steps:
                    - convertBodyTo: {type: String}
            - route:
                id: csv
                from:
                  uri: pipeline:csv
                  parameters: {produces: application/json}
                  steps:
                    - setHeader: {name: Content-Type, constant: "text/csv; header=absent"}
                    - setBody: {constant: "1,2"}
            - route:
                id: no-type
                from:
                  uri: pipeline:no-type
                  steps:
                    - convertBodyTo: {type: String}
            - route:
                id: status
                from:
                  uri: pipeline:status
                  parameters: {produces: text/plain}
                  steps:
                    - convertBodyTo: {type: String}
                    - setHeader: {name: CamelHttpResponseCode, simple: "${body}"}
                    - setBody: {constant: "its body"}
            - route:
                id: header
                from:
                  uri: pipeline:header
                  steps:
                    - convertBodyTo: {type: String}
                    - setHeader: {name: X-Answer, simple: "${body}"}
            - route:
                id: typed
                from:
                  uri: pipeline:typed
                  steps:
                    - convertBodyTo: {type: String}
                    - setHeader: {name: Content-Type, simple: "${body}"}
            - route:
                id: echo
                from:
                  uri: pipeline:echo
                  parameters: {requestHeaders: "X-Tenant, X-Type"}
                  steps:
                    - convertBodyTo: {type: String}
                    - setHeader: {name: X-Answered, simple: "${header.X-Tenant}"}
                    - setHeader: {name: Content-Type, simple: "${header.X-Type}"}
            - route:
                id: forward
                from:
                  uri: pipeline:forward
                  steps:
                    - convertBodyTo: {type: String}
                    - toD: "pipeline:${body}"
            - route:
                id: validated
                from:
                  uri: pipeline:validated
                  steps:
                    - unmarshal: {json: {}}
                    - validate: {simple: "${body[n]} > 0"}
                    - marshal: {json: {}}
            - route:
                id: fails
                from:
                  uri: pipeline:fails
                  steps:
                    - process: {ref: "#class:io.bactrian.container.AnswersTest$Failing"}
            - route:
                id: pretty
                from:
                  uri: pipeline:pretty
                  steps:
                    - unmarshal: {json: {unmarshalType: io.bactrian.container.AnswersTest$Person}}
                    - marshal: {json: {prettyPrint: "true"}}
            """;

    /** A class to which a pipeline unmarshals JSON. */
    public static class Person {
        public String name;
        public int age;
    }

    /** A step that answers with the negotiated media type. */
    public static class Wanted implements Processor {
        @Override
        public void process(Exchange exchange) {
            String wanted = exchange.getMessage().getHeader("CamelPipelineAccept", String.class);
            exchange.getMessage().setBody(String.valueOf(wanted));
            if (wanted != null) {
                exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, wanted);
            }
        }
    }

    /** A step that throws the exception that its body selects. */
    public static class Failing implements Processor {
        @Override
        public void process(Exchange exchange) {
            String how = exchange.getMessage().getBody(String.class);
            switch (how) {
                case "bean" -> throw new IllegalArgumentException("/etc/secret");
                case "error" -> throw new AssertionError("/etc/secret");
                case "stack" -> throw new StackOverflowError();
                case "linkage" -> throw new NoClassDefFoundError("a/b/Secret");
                default -> throw new BadInputException(how);
            }
        }
    }

    @RegisterExtension
    static TestServer server =
            TestServer.started(
                    setup -> {
                        Shape anyLength = Shape.of(Shape.UNKNOWN_SIZE);
                        TestModels.identity(
                                setup.models.resolve("strings/1"), TString.class, anyLength);
                        TestModels.identity(
                                setup.models.resolve("floats/1"), TFloat32.class, anyLength);
                        setup.routes("answers", ROUTES).set("SAGEMAKER_MAX_PAYLOAD_IN_MB", "32");
                    });

    @AfterEach
    void nextRequestSucceeds() {
        answers("json-text", "application/json", "{\"text\": \"next\"}", 200, "\"next\"");
    }

    private static HttpResponse<String> post(String pipeline, byte[] body, String... headers) {
        return server.http().post("/models/" + pipeline + "/invoke", body, headers);
    }

    private static String type(HttpResponse<?> response) {
        return response.headers().firstValue("Content-Type").orElse(null);
    }

    private static HttpResponse<String> answers(
            String pipeline, String contentType, byte[] body, int status, String expected) {
        HttpResponse<String> response = post(pipeline, body, "Content-Type", contentType);
        assertEquals(expected, response.body());
        assertEquals(status, response.statusCode());
        return response;
    }

    private static HttpResponse<String> answers(
            String pipeline, String contentType, String body, int status, String expected) {
        return answers(
                pipeline, contentType, body.getBytes(StandardCharsets.UTF_8), status, expected);
    }

    /** {@return the message of an error, after checking status and format of the answer} */
    private static String assertRefused(HttpResponse<String> response, int status) {
        assertEquals(status, response.statusCode(), response.body());
        assertEquals("application/json", type(response));
        try {
            Map<?, ?> error = new ObjectMapper().readValue(response.body(), Map.class);
            assertEquals(1, error.size());
            String message = (String) error.get("error");
            for (String leak : new String[] {"\tat ", "java.", "io.bactrian", "/etc/", "jackson"}) {
                assertFalse(message.contains(leak), message);
            }
            return message;
        } catch (IOException e) {
            throw new AssertionError(response.body(), e);
        }
    }

    // One document per request.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"text\":\"a\"}\n{\"text\":\"b\"}",
                "{\"text\":\"a\"}\n{\"text\":\"b\"}\n",
                "{\"text\":\"a\"}{\"text\":\"b\"}",
                "{\"text\":\"a\"} 1",
                "{\"text\":\"a\"},",
                "{\"text\":\"a\"}]",
                "{\"text\":\"a\"}\0",
                "{\"text\":\"a\"}\uFEFF",
                "{\"text\":\"a\"}x"
            })
    void bytesAfterTheDocumentAreRejected(String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String message =
                assertRefused(post("json-text", bytes, "Content-Type", "application/json"), 400);
        assertTrue(message.startsWith("the body is not valid JSON: "), message);
        assertRefused(
                post("strings", request(body, "\"a\""), "Content-Type", "application/json"), 400);
        for (String arrays : new String[] {"array", "array-by-maps"}) {
            byte[] array =
                    body.replace("\"text\":\"a\"", "\"x\":[1]").getBytes(StandardCharsets.UTF_8);
            assertRefused(post(arrays, array, "Content-Type", "application/json"), 400);
        }
    }

    /** {@return the body with its document replaced by a predict request} */
    private static byte[] request(String body, String instance) {
        return body.replace("{\"text\":\"a\"}", "{\"instances\":[" + instance + "]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void severalDocumentsAreReported() {
        assertEquals(
                "JSON Parse error: The document root must not be followed by other values. at"
                        + " offset: 20",
                assertRefused(
                        server.http()
                                .post(
                                        "/models/floats/invoke",
                                        "{\"instances\":[1.0]}\n{\"instances\":[2.0]}"),
                        400));
        assertEquals(
                "the body is not valid JSON: The document root must not be followed by other"
                        + " values. at offset: 13",
                assertRefused(
                        server.http()
                                .post(
                                        "/models/json-text/invoke",
                                        "{\"text\":\"a\"}\n{\"text\":\"b\"}"),
                        400));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n", " \t\r\n \n"})
    void whiteSpaceAfterTheDocumentIsAccepted(String end) {
        answers("json-text", "application/json", "{\"text\":\"a\"}" + end, 200, "\"a\"");
        answers("array", "application/json", "{\"x\":[1]}" + end, 200, TOP_1);
        answers("array-by-maps", "application/json", "{\"x\":[1]}" + end, 200, TOP_1);
        answers(
                "floats",
                "application/json",
                "{\"instances\":[1]}" + end,
                200,
                "{\"predictions\":[1.0]}");
    }

    private static final String TOP_1 = "{\"top\":[{\"class_id\":0,\"score\":1.0}]}";

    @Test
    void byteOrderMarkIsSkipped() {
        answers("json-text", "application/json", "\uFEFF{\"text\":\"a\"}", 200, "\"a\"");
        answers("array", "application/json", "\uFEFF{\"x\":[1]}", 200, TOP_1);
        answers("array-by-maps", "application/json", "\uFEFF{\"x\":[1]}", 200, TOP_1);
        answers("text", "text/plain", "\uFEFFa", 200, "a");
        answers("floats", "application/json", "\uFEFF{\"inputs\":[1]}", 200, "{\"outputs\":[1.0]}");
    }

    /** All JSON readers accept the same numbers. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "NaN|200",
                "Infinity|200",
                "-Infinity|200",
                "Inf|400",
                "-Inf|400",
                "-NaN|400",
                "INF|400",
                "+Infinity|400",
                "nan|400",
                "1e400|400",
                "-1e400|400",
                "1e-400|200",
                "01|400",
                "1.|400",
                "+1|400",
                ".5|400",
                "0x1|400",
                "1_0|400",
                "'1'|400",
                "\"1\"|400",
                "null|400",
                "true|400",
                "[]|400",
                "{}|400",
                "1,|400",
                "1/*x*/|400",
            })
    void readersAgreeOnValidNumbers(String number, int status) {
        for (String pipeline : new String[] {"array", "array-by-maps"}) {
            HttpResponse<String> response =
                    server.http()
                            .post("/models/" + pipeline + "/invoke", "{\"x\":[" + number + "]}");
            assertEquals(status, response.statusCode(), pipeline + ": " + response.body());
        }
        HttpResponse<String> response =
                server.http().post("/models/floats/invoke", "{\"instances\":[" + number + "]}");
        // A list only adds a dimension.
        assertEquals(number.equals("[]") ? 200 : status, response.statusCode(), response.body());
    }

    @Test
    void numbersOfAnyLengthAreReadOrRejected() {
        String digits = "0." + "1".repeat(100_000);
        for (String pipeline : new String[] {"array", "array-by-maps"}) {
            answers(
                    pipeline,
                    "application/json",
                    "{\"x\":[" + digits + "]}",
                    200,
                    "{\"top\":[{\"class_id\":0,\"score\":0.11111111}]}");
            assertRefused(
                    server.http()
                            .post(
                                    "/models/" + pipeline + "/invoke",
                                    "{\"x\":[" + "1".repeat(5_000_000) + "]}"),
                    400);
        }
        assertRefused(
                server.http()
                        .post(
                                "/models/json-text/invoke",
                                "{\"text\":\"a\",\"x\":" + "1".repeat(5_000_000) + "}"),
                400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "[{\"a\":["})
    void deepNestingIsRejected(String open) {
        String deep = open.repeat(100_000);
        StringBuilder close = new StringBuilder("1");
        for (int i = deep.length() - 1; i >= 0; i--) {
            char c = deep.charAt(i);
            if (c == '[' || c == '{') {
                close.append(c == '[' ? ']' : '}');
            }
        }
        for (String value : new String[] {deep, deep + close}) {
            assertRefused(
                    server.http()
                            .post(
                                    "/models/json-text/invoke",
                                    "{\"text\":\"a\",\"x\":" + value + "}"),
                    400);
            assertRefused(server.http().post("/models/json-text/invoke", value), 400);
            for (String pipeline : new String[] {"array", "array-by-maps"}) {
                String path = "/models/" + pipeline + "/invoke";
                assertRefused(server.http().post(path, "{\"x\":" + value + "}"), 400);
                assertRefused(server.http().post(path, "{\"x\":[1],\"y\":" + value + "}"), 400);
            }
            assertRefused(
                    server.http().post("/models/floats/invoke", "{\"inputs\":" + value + "}"), 400);
            assertRefused(
                    server.http()
                            .post("/models/floats/invoke", "{\"inputs\":[1],\"x\":" + value + "}"),
                    400);
        }
    }

    @Test
    void lastOfDuplicateNamesWins() {
        answers("json-text", "application/json", "{\"text\":\"a\",\"text\":\"b\"}", 200, "\"b\"");
        answers("array", "application/json", "{\"x\":[2,2],\"x\":[1]}", 200, TOP_1);
        answers("array-by-maps", "application/json", "{\"x\":[2,2],\"x\":[1]}", 200, TOP_1);
        answers(
                "floats",
                "application/json",
                "{\"inputs\":[1],\"inputs\":[2]}",
                200,
                "{\"outputs\":[1.0]}");
    }

    /** TensorFlow's limit is 254 dimensions, including the batch dimension. */
    @Test
    void numberOfDimensionsIsLimited() {
        for (int depth : new int[] {253, 254, 255}) {
            String nested = "[".repeat(depth) + "1" + "]".repeat(depth);
            List<Integer> statuses = depth < 255 ? List.of(200, 400) : List.of(400);
            for (String pipeline : new String[] {"batched", "array", "array-by-maps"}) {
                HttpResponse<String> response =
                        server.http()
                                .post("/models/" + pipeline + "/invoke", "{\"x\":" + nested + "}");
                assertTrue(statuses.contains(response.statusCode()), depth + response.body());
            }
            for (String form :
                    new String[] {"instances\":[" + nested + "]", "inputs\":" + nested}) {
                HttpResponse<String> response =
                        server.http().post("/models/floats/invoke", "{\"" + form + "}");
                assertTrue(statuses.contains(response.statusCode()), depth + response.body());
            }
        }
    }

    @Test
    void unknownInputIsNamed() {
        assertEquals(
                "'inputs' names \"y\", which is no input: expected x",
                assertRefused(
                        server.http()
                                .post(
                                        "/models/floats/invoke",
                                        "{\"inputs\":{\"x\":[1],\"y\":[1]}}"),
                        400));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"", "\u00e9", "x"})
    void longStringWithinThePayloadLimitIsAccepted(String character) {
        String text =
                character.repeat(20 * MEGABYTE / character.getBytes(StandardCharsets.UTF_8).length);
        String json = character.equals("\"") ? "\\\"".repeat(10 * MEGABYTE) : text;
        HttpResponse<String> response =
                server.http().post("/models/json-text/invoke", "{\"text\":\"" + json + "\"}");
        assertEquals(200, response.statusCode());
        assertEquals(json.length() + 2, response.body().length());
        // A name of the same length.
        assertRefused(server.http().post("/models/json-text/invoke", "{\"" + json + "\":1}"), 400);
    }

    /** Many names with the same hash code in Java and Jackson. */
    @Test
    void collidingNamesAreParsed() {
        StringBuilder json = new StringBuilder("{\"text\":\"a\"");
        for (int i = 0; i < 1 << 14; i++) {
            json.append(",\"");
            for (int bit = 0; bit < 14; bit++) {
                json.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            json.append("\":1");
        }
        answers("json-text", "application/json", json + "}", 200, "\"a\"");
    }

    // Charsets of text.

    /** Overlong, CESU-8, truncated, Latin-1, a surrogate, beyond Unicode; as hexadecimal bytes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "c0af",
                "e080af",
                "eda0bdedb0aa",
                "c3",
                "636166e9",
                "eda080",
                "f4908080",
                "ff",
                "80",
                "f0808080",
                "fe",
                "e282"
            })
    void malformedUtf8IsRejected(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        String[] types = {"text/plain", "text/plain; charset=utf-8", "application/octet-stream"};
        for (String type : types) {
            String message = assertRefused(post("text", bytes, "Content-Type", type), 400);
            assertTrue(message.startsWith("the body is not UTF-8 text, at byte "), message);
        }
        for (String json :
                new String[] {
                    "{\"text\":\"" + text + "\"}",
                    "{\"text\":\"a\",\"b\":\"" + text + "\"}",
                    "{\"text\":\"a\",\"" + text + "\":1}",
                    text
                }) {
            byte[] body = json.getBytes(StandardCharsets.ISO_8859_1);
            assertRefused(post("json-text", body, "Content-Type", "application/json"), 400);
        }
        byte[] array = ("{\"x\":[1],\"y\":\"" + text + "\"}").getBytes(StandardCharsets.ISO_8859_1);
        assertRefused(post("array", array, "Content-Type", "application/json"), 400);
        assertRefused(post("array-by-maps", array, "Content-Type", "application/json"), 400);
        byte[] predict =
                ("{\"instances\":[\"" + text + "\"]}").getBytes(StandardCharsets.ISO_8859_1);
        assertRefused(post("strings", predict, "Content-Type", "application/json"), 400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud83d", "\\udc2a", "\\ud83d\\ud83d", "\\ud83dx", "\\udc2a\\ud83d"})
    void unpairedSurrogatesAreRejected(String escape) {
        assertRefused(
                server.http().post("/models/json-text/invoke", "{\"text\":\"" + escape + "\"}"),
                400);
        assertRefused(
                server.http()
                        .post(
                                "/models/json-text/invoke",
                                "{\"text\":\"a\",\"b\":\"" + escape + "\"}"),
                400);
        assertRefused(
                server.http().post("/models/array/invoke", "{\"x\":[1],\"" + escape + "\":0}"),
                400);
        assertRefused(
                server.http()
                        .post("/models/array-by-maps/invoke", "{\"x\":[1],\"" + escape + "\":0}"),
                400);
        assertRefused(
                server.http().post("/models/strings/invoke", "{\"inputs\":[\"" + escape + "\"]}"),
                400);
    }

    @ParameterizedTest
    @CsvSource({
        "iso-8859-1, ISO-8859-1, café ÿ",
        "'\"ISO-8859-1\"', ISO-8859-1, café ÿ",
        "windows-1252, windows-1252, café €",
        "utf-16, UTF-16, café 🐪",
        "utf-16le, UTF-16LE, café 🐪",
        "UTF-16BE, UTF-16BE, café 🐪",
        "utf-32, UTF-32, café 🐪",
        "UTF-8, UTF-8, café 🐪",
        "us-ascii, US-ASCII, cafe",
        "shift_jis, Shift_JIS, 日本",
        "gb18030, GB18030, 日本 🐪"
    })
    void declaredCharsetIsUsed(String declared, String charset, String text) {
        Charset encoding = Charset.forName(charset);
        answers("text", "text/plain; charset=" + declared, text.getBytes(encoding), 200, text);
        String json = "{\"text\": \"" + text + "\"}";
        String type = "application/json; x=y; Charset=" + declared;
        answers("json-text", type, json.getBytes(encoding), 200, "\"" + text + "\"");
        answers("array", type, "{\"x\":[1]}".getBytes(encoding), 200, TOP_1);
        answers("array-by-maps", type, "{\"x\":[1]}".getBytes(encoding), 200, TOP_1);
        answers(
                "strings",
                type,
                ("{\"instances\": [\"" + text + "\"]}").getBytes(encoding),
                200,
                "{\"predictions\":[\"" + text + "\"]}");
        // With Camel's own type converter.
        HttpResponse<String> response =
                post(
                        "no-type",
                        text.getBytes(encoding),
                        "Content-Type",
                        "text/plain; charset=" + declared);
        assertEquals(text, response.body());
        assertEquals("text/plain; charset=utf-8", type(response));
    }

    @ParameterizedTest
    @CsvSource({
        "us-ascii, 636166e9, the body is not US-ASCII text at byte 3",
        "utf-16le, 00d8, the body is not UTF-16LE text at byte 0",
        "utf-16be, 0061d83d0061, the body is not UTF-16BE text at byte 2",
        "utf-16be, 006100, the body is not UTF-16BE text at byte 2",
        "windows-1252, 6181, the body is not windows-1252 text at byte 1"
    })
    void textMalformedInItsCharsetIsRejected(String charset, String hex, String message) {
        byte[] body = HexFormat.of().parseHex(hex);
        assertEquals(
                message.replace(" at", ", at"),
                assertRefused(
                        post("text", body, "Content-Type", "text/plain; charset=" + charset), 400));
        assertRefused(
                post("json-text", body, "Content-Type", "application/json; charset=" + charset),
                400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bogus", "\"\\\"\"", "utf-9", "../x", "utf-8-but-longer-than-any"})
    void unknownCharsetIsUnsupported(String charset) {
        for (String pipeline : new String[] {"text", "json-text", "array", "strings", "bytes"}) {
            String type =
                    (pipeline.equals("text") ? "text/plain" : "application/json")
                            + "; charset="
                            + charset;
            assertEquals(
                    "the charset of this Content-Type is not known: use utf-8",
                    assertRefused(post(pipeline, "x".getBytes(), "Content-Type", type), 415));
        }
    }

    /** A charset is ignored if the body is not text. */
    @Test
    void charsetOfBinaryBodiesIsIgnored() {
        answers("bytes", "image/png; charset=bogus", "x", 200, "x");
        answers("text", "application/octet-stream; charset=bogus", "é", 200, "é");
    }

    @Test
    void emptyBodiesAreRejectedUnlessBinary() {
        for (String type :
                new String[] {"text/plain", "application/json", "text/plain; charset=utf-16"}) {
            assertRefused(post("text", new byte[0], "Content-Type", type), 400);
        }
        assertRefused(post("text", "\uFEFF".getBytes(StandardCharsets.UTF_8)), 400);
        for (String pipeline :
                new String[] {"json-text", "array", "array-by-maps", "strings", "floats"}) {
            String message =
                    assertRefused(
                            post(pipeline, new byte[0], "Content-Type", "application/json"), 400);
            assertTrue(message.contains("empty"), message);
            assertRefused(post(pipeline, " ".getBytes(), "Content-Type", "application/json"), 400);
        }
        assertRefused(post("floats", new byte[0], "Content-Type", "application/x-npy"), 400);
        HttpResponse<String> bytes = post("bytes", new byte[0]);
        assertEquals(200, bytes.statusCode());
        assertEquals("0", bytes.headers().firstValue("content-length").orElse(null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "1", "true", "\"text\"", "[[\"text\"]]"})
    void jsonOtherThanAnObjectIsRejected(String json) {
        assertRefused(server.http().post("/models/json-text/invoke", json), 400);
        assertRefused(server.http().post("/models/array/invoke", json), 400);
        assertRefused(server.http().post("/models/array-by-maps/invoke", json), 400);
        assertRefused(server.http().post("/models/floats/invoke", json), 400);
    }

    // Bodies are not interpreted.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/x-www-form-urlencoded",
                "Application/X-WWW-Form-URLEncoded; charset=utf-8",
                "multipart/form-data; boundary=x",
                "multipart/form-data",
                "multipart/mixed; boundary=x",
                "text/plain",
                "application/json",
                "image/png",
                "nonsense",
                "*/*",
                ""
            })
    void bodyIsPassedUnchangedForAnyContentType(String contentType) {
        for (String body :
                new String[] {
                    "a=1&b=%zz&a=2",
                    "{\"text\": \"50% & more\"}",
                    "=&=;%",
                    "\0\1\2",
                    "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"/etc/x\"\r\n\r\na\r\n--x--\r\n",
                    "x".repeat(100_000)
                }) {
            HttpResponse<String> response =
                    contentType.isEmpty()
                            ? post("bytes", body.getBytes())
                            : post("bytes", body.getBytes(), "Content-Type", contentType);
            assertEquals(body, response.body());
            assertEquals("[B", response.headers().firstValue("x-body-type").orElse(null));
            assertEquals("application/octet-stream", type(response));
        }
    }

    @Test
    void formContentTypeOfCurlIsReadAsText() {
        String type = "application/x-www-form-urlencoded";
        answers("text", type, "a=1&b=é", 200, "a=1&b=é");
        answers("array", type, "{\"x\":[1]}", 200, TOP_1);
        answers("array-by-maps", type, "{\"x\":[1]}", 200, TOP_1);
        // This pipeline declares what it consumes.
        assertRefused(post("json-text", "{}".getBytes(), "Content-Type", type), 415);
    }

    /** Query parameters and form fields do not become headers. */
    @Test
    void queryAndFormFieldsAreNotHeaders() {
        String path =
                "/models/bytes/invoke?Content-Type=a/b&Accept=c/d&bactrian-deadline=0"
                        + "&X-Amzn-SageMaker-Target-Model=x&CamelHttpResponseCode=299&X-Secret=1";
        HttpResponse<String> response =
                server.http()
                        .post(
                                path,
                                "bactrian-deadline=0&X-Secret=1".getBytes(),
                                "Content-Type",
                                "application/x-www-form-urlencoded");
        assertEquals(200, response.statusCode());
        assertEquals("application/octet-stream", type(response));
        assertEquals(
                java.util.Set.of("content-length", "content-type", "x-body-type"),
                new java.util.TreeSet<>(response.headers().map().keySet()));
    }

    // Content types of answers.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // pipeline | Accept | status | Content-Type
                "text | - | 200 | text/plain; charset=utf-8",
                "text | text/plain | 200 | text/plain; charset=utf-8",
                "text | text/*;q=0.1 | 200 | text/plain; charset=utf-8",
                "text | text/plain;charset=UTF-8 | 200 | text/plain; charset=utf-8",
                "text | text/plain;charset=utf-16 | 406 | application/json",
                "text | application/json | 406 | application/json",
                "json-text | application/json; charset=utf-8 | 200 | application/json",
                "json-text | text/html, application/xhtml+xml, */*;q=0.8 | 200 | application/json",
                "json-text | application/json;q=0 | 406 | application/json",
                "json-text | nonsense | 406 | application/json",
                "json-text | ,;, | 200 | application/json",
                "any | - | 200 | text/plain; charset=utf-8",
                "any | */* | 200 | text/plain; charset=utf-8",
                "any | image/* | 200 | text/plain; charset=utf-8",
                "any | text/csv | 200 | text/csv",
                "any | text/csv;q=0.1, application/json;q=0.2 | 200 | application/json",
                "csv | - | 200 | text/csv; header=absent",
                "csv | */* | 200 | text/csv; header=absent",
                "csv | text/csv, application/json | 200 | text/csv; header=absent",
                "csv | application/json | 406 | application/json",
                "no-type | - | 200 | text/plain; charset=utf-8",
                "no-type | image/png | 200 | text/plain; charset=utf-8",
                "bytes | - | 200 | application/octet-stream",
                "pretty | - | 200 | application/json"
            })
    void contentTypeOfTheAnswerIsNegotiated(
            String pipeline, String accept, int status, String expected) {
        String body =
                pipeline.equals("pretty") ? "{\"name\": \"a\", \"age\": 1}" : "{\"text\": \"a\"}";
        // The parameters of the request's type must not be returned.
        String type = pipeline.equals("text") ? "text/plain; x=y" : "application/json; x=y";
        HttpResponse<String> response =
                accept == null
                        ? post(pipeline, body.getBytes(), "Content-Type", type)
                        : post(pipeline, body.getBytes(), "Content-Type", type, "Accept", accept);
        assertEquals(expected, type(response));
        assertEquals(status, response.statusCode(), response.body());
    }

    @Test
    void severalAcceptHeadersAreCombined() {
        HttpResponse<String> response =
                post(
                        "floats",
                        "{\"instances\":[1]}".getBytes(),
                        "Content-Type",
                        "application/json",
                        "Accept",
                        "text/html",
                        "Accept",
                        "application/x-npy;q=0.9, application/json;q=0.5");
        assertEquals(200, response.statusCode());
        assertEquals("application/x-npy", type(response));
    }

    @Test
    void severalContentTypesAreRejected() {
        assertEquals(
                "the request has more than one Content-Type",
                assertRefused(
                        post(
                                "bytes",
                                "x".getBytes(),
                                "Content-Type",
                                "text/plain",
                                "Content-Type",
                                "application/json"),
                        400));
    }

    @Test
    void longAcceptIsParsed() {
        String accept = "text/html;q=0.5,".repeat(400) + "application/json";
        HttpResponse<String> response =
                post(
                        "json-text",
                        "{\"text\":\"a\"}".getBytes(),
                        "Content-Type",
                        "application/json",
                        "Accept",
                        accept);
        assertEquals("\"a\"", response.body());
    }

    @Test
    void textIsSentInTheDeclaredCharset() {
        HttpResponse<byte[]> response =
                server.http()
                        .postForBytes(
                                "/models/latin1/invoke",
                                "é".getBytes(StandardCharsets.UTF_8),
                                "Content-Type",
                                "text/plain");
        assertEquals("text/plain; charset=iso-8859-1", type(response));
        assertArrayEquals(new byte[] {(byte) 0xe9}, response.body());
        assertRefused(post("latin1", "€".getBytes(StandardCharsets.UTF_8)), 500);
    }

    // Numbers in answers.

    @ParameterizedTest
    @ValueSource(strings = {"array", "array-by-maps"})
    void nonFiniteScoresAreUnquoted(String pipeline) {
        answers(
                pipeline,
                "application/json",
                "{\"x\":[0.1, -Infinity, Infinity]}",
                200,
                "{\"top\":[{\"class_id\":2,\"score\":Infinity},{\"class_id\":0,\"score\":0.1},"
                        + "{\"class_id\":1,\"score\":-Infinity}]}");
        answers(
                pipeline,
                "application/json",
                "{\"x\":[NaN]}",
                200,
                "{\"top\":[{\"class_id\":0,\"score\":NaN}]}");
        answers(
                "floats",
                "application/json",
                "{\"instances\":[NaN, -Infinity, Infinity]}",
                200,
                "{\"predictions\":[NaN,-Infinity,Infinity]}");
    }

    /**
     * The shortest decimal that reads back as the same float32, which Java's formatter only returns
     * since version 19.
     */
    @ParameterizedTest
    @CsvSource({
        "0.1, 0.1",
        "0.9999951, 0.9999951",
        "2e-3, 0.002",
        "1.17549435E-38, 1.1754944E-38",
        "1e10, 1.0E10",
        "2.0E-44, 2.0E-44",
        "8.41e21, 8.41E21",
        "9.5E-6, 9.5E-6",
        "16777216, 1.6777216E7"
    })
    void float32IsWrittenAsShortestDecimal(String number, String expected) {
        answers(
                "array",
                "application/json",
                "{\"x\":[" + number + "]}",
                200,
                "{\"top\":[{\"class_id\":0,\"score\":" + expected + "}]}");
    }

    // Statuses.

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 299, 400, 404, 422, 429, 500, 503, 599})
    void routeSetsTheStatus(int status) {
        HttpResponse<String> response = post("status", String.valueOf(status).getBytes());
        assertEquals(status, response.statusCode());
        assertEquals("its body", response.body());
        assertEquals("text/plain", type(response));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "99",
                "1000",
                "0",
                "-1",
                "100",
                "199",
                "600",
                "abc",
                "",
                "2e2",
                "200.5",
                "9999999999"
            })
    void invalidStatusIsAnInternalError(String status) {
        assertTrue(
                assertRefused(post("status", status.getBytes()), 500)
                        .startsWith("internal error, id "));
    }

    /** On the wire: no body, no content type, and the next answer on the connection is intact. */
    @ParameterizedTest
    @ValueSource(ints = {204, 304})
    void statusWithoutBodyIsSentWithoutBody(int status) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(30_000);
            String head =
                    "POST /models/%s/invoke HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s";
            socket.getOutputStream()
                    .write(
                            (head.formatted("status", 3, status)
                                            + "POST /models/bytes/invoke HTTP/1.1\r\nHost: a\r\n"
                                            + "Connection: close\r\nContent-Length: 4\r\n\r\nnext")
                                    .getBytes());
            InputStream in = socket.getInputStream();
            String answers = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            int next = answers.indexOf("HTTP/1.1 200 OK");
            String first = answers.substring(0, next);
            assertTrue(first.startsWith("HTTP/1.1 " + status + " "), answers);
            assertTrue(first.endsWith("\r\n\r\n"), answers);
            assertFalse(first.toLowerCase().contains("content-type"), answers);
            assertFalse(first.toLowerCase().contains("transfer-encoding"), answers);
            assertTrue(answers.endsWith("\r\n\r\nnext"), answers);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nSet-Cookie: b=c", "a\nb", "a\rb", "a\0b", "\u007f", "日本"})
    void invalidHeaderValueIsAnInternalError(String value) {
        HttpResponse<String> response = post("header", value.getBytes(StandardCharsets.UTF_8));
        assertTrue(assertRefused(response, 500).startsWith("internal error, id "));
        assertFalse(response.headers().firstValue("set-cookie").isPresent());
        assertFalse(response.headers().firstValue("x-answer").isPresent());
        assertEquals(
                "ok",
                post("header", "ok".getBytes()).headers().firstValue("x-answer").orElse(null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain\nX-More: a", "text/plain; charset=utf-8; a=\"\0\""})
    void invalidContentTypeIsAnInternalError(String type) {
        assertTrue(
                assertRefused(post("typed", type.getBytes()), 500)
                        .startsWith("internal error, id "));
    }

    @Test
    void routeMayAnswerWithListedRequestHeaders() throws Exception {
        HttpResponse<String> response =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        "http://127.0.0.1:"
                                                                + server.port()
                                                                + "/models/echo/invoke"))
                                        .header("X-Tenant", "a")
                                        .header("X-Type", "text/csv")
                                        .POST(HttpRequest.BodyPublishers.ofString("1,2"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
        assertEquals(200, response.statusCode());
        assertEquals("a", response.headers().firstValue("x-answered").orElse(null));
        assertEquals("text/csv", type(response));
        assertFalse(response.headers().firstValue("x-tenant").isPresent());
    }

    @Test
    void callOfAMissingPipelineIsNotFound() {
        String message = assertRefused(post("forward", "nobody".getBytes()), 404);
        assertTrue(
                message.startsWith("no pipeline \"nobody\" is served here: there are any, array"),
                message);
        assertEquals("its body", post("status", "200".getBytes()).body());
    }

    @Test
    void failedValidationIsABadRequest() {
        answers("validated", "application/json", "{\"n\":1}", 200, "{\"n\":1}");
        assertEquals(
                "the request was refused by the pipeline's validation",
                assertRefused(server.http().post("/models/validated/invoke", "{\"n\":0}"), 400));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bean", "error", "stack", "linkage"})
    void exceptionOfABeanIsAnInternalError(String how) {
        String message = assertRefused(post("fails", how.getBytes()), 500);
        assertTrue(message.matches("internal error, id [0-9a-f-]{36}"), message);
    }

    @Test
    void errorIsJsonForAnyMessage() {
        String message = "\"quotes\" \\ \r\n\t\u0001\u001b[31m é 🐪";
        assertEquals(
                message,
                assertRefused(post("fails", message.getBytes(StandardCharsets.UTF_8)), 400));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"name\": \"a\", \"age\": \"x\"}|the body does not fit: Cannot deserialize value of type `int` from String \"x\": not a valid `int` value (line 1, column 22)",
                "{\"name\": \"a\", \"years\": 1}|the body does not fit: Unrecognized field \"years\" (class AnswersTest$Person), not marked as ignorable (line 1, column 25)",
                "[]|the body does not fit: Cannot deserialize value of type `AnswersTest$Person` from Array value (token `START_ARRAY`) (line 1, column 1)",
            })
    void jsonThatDoesNotMatchTheClassIsRejected(String json, String message) {
        assertEquals(
                message, assertRefused(server.http().post("/models/pretty/invoke", json), 400));
    }

    @Test
    void optionsOfTheJsonDataFormatApply() {
        answers(
                "pretty",
                "application/json",
                "{\"age\":1,\"name\":\"a\"}",
                200,
                "{\n  \"name\" : \"a\",\n  \"age\" : 1\n}");
    }
}
