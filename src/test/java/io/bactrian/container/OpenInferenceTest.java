package io.bactrian.container;

import static io.bactrian.container.JsonAnswers.assertAnswer;
import static io.bactrian.container.JsonAnswers.assertError;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint16;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/** The Open Inference Protocol's REST API, {@code /v2/…}, over HTTP. */
class OpenInferenceTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JSON_LENGTH = "Inference-Header-Content-Length";

    @RegisterExtension
    static TestServer server =
            TestServer.started(
                    setup -> {
                        TestModels.halfPlusTwo(setup.models.resolve("half/00000123"));
                        TestModels.sumAndProduct(setup.models.resolve("pair/1"));
                        TestModels.dense(setup.models.resolve("dense/1"));
                        identity(setup, "uint8", TUint8.class);
                        identity(setup, "uint16", TUint16.class);
                        identity(setup, "int32", TInt32.class);
                        identity(setup, "int64", TInt64.class);
                        identity(setup, "fp16", TFloat16.class);
                        identity(setup, "bf16", TBfloat16.class);
                        identity(setup, "fp64", TFloat64.class);
                        identity(setup, "bool", TBool.class);
                        TestModels.identity(
                                setup.models.resolve("any/1"), TInt32.class, Shape.unknown());
                        setup.model("text/1");
                        setup.brokenModel("broken/2");
                        // Its pipeline is of the same name; the API is the model's own.
                        setup.route("text", "text");
                        setup.set("SAGEMAKER_MAX_PAYLOAD_IN_MB", "1");
                    });

    @RegisterExtension final TestServer other = TestServer.notStarted();

    private long open;

    private static <T extends TType> void identity(TestServer setup, String name, Class<T> type)
            throws IOException {
        TestModels.identity(setup.models.resolve(name + "/1"), type, Shape.of(Shape.UNKNOWN_SIZE));
    }

    @BeforeEach
    void countTensors() {
        open = NamedTensors.open();
    }

    @AfterEach
    void nothingIsLeft() {
        server.awaitIdle();
        assertEquals(open, NamedTensors.open());
    }

    private static HttpResponse<String> infer(String model, String body) {
        return server.http().post("/v2/models/" + model + "/infer", body);
    }

    private static String input(String datatype, String shape, String data) {
        return "{\"inputs\": [{\"name\": \"x\", \"shape\": %s, \"datatype\": \"%s\", \"data\": %s}]}"
                .formatted(shape, datatype, data);
    }

    private static String half(String more) {
        return "{"
                + more
                + "\"inputs\": [{\"name\": \"x\", \"shape\": [2], \"datatype\": \"FP32\","
                + " \"data\": [1, 2]}]}";
    }

    // Metadata and health.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v2 | {\"name\": \"bactrian\", \"version\": \"development\", \"extensions\": [\"binary_tensor_data\"]}",
                "/v2/health/live | {\"live\": true}",
                "/v2/health/ready | {\"ready\": true}",
                "/v2/models/half/ready | {\"name\": \"half\", \"ready\": true}",
                "/v2/models/half/versions/123/ready | {\"name\": \"half\", \"ready\": true}",
                "/v2/models/half | {\"name\": \"half\", \"versions\": [\"123\"], \"platform\": \"tensorflow_savedmodel\", \"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [-1]}], \"outputs\": [{\"name\": \"y\", \"datatype\": \"FP32\", \"shape\": [-1]}]}",
                "/v2/models/half/versions/123 | {\"name\": \"half\", \"versions\": [\"123\"], \"platform\": \"tensorflow_savedmodel\", \"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [-1]}], \"outputs\": [{\"name\": \"y\", \"datatype\": \"FP32\", \"shape\": [-1]}]}",
                "/v2/models/dense | {\"name\": \"dense\", \"versions\": [\"1\"], \"platform\": \"tensorflow_savedmodel\", \"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [-1, 2]}], \"outputs\": [{\"name\": \"y\", \"datatype\": \"FP32\", \"shape\": [-1, 3]}]}",
                "/v2/models/text | {\"name\": \"text\", \"versions\": [\"1\"], \"platform\": \"tensorflow_savedmodel\", \"inputs\": [{\"name\": \"x\", \"datatype\": \"BYTES\", \"shape\": [-1]}], \"outputs\": [{\"name\": \"y\", \"datatype\": \"BYTES\", \"shape\": [-1]}]}"
            })
    void serverAndModelsAreDescribed(String path, String answer) throws IOException {
        assertAnswer(200, answer, server.http().get(path));
        HttpResponse<String> head = server.http().send("HEAD", path, BodyPublishers.noBody());
        assertEquals(200, head.statusCode());
        assertEquals("", head.body());
    }

    @ParameterizedTest
    @CsvSource({
        "bool, BOOL",
        "uint8, UINT8",
        "uint16, UINT16",
        "int32, INT32",
        "int64, INT64",
        "fp16, FP16",
        "bf16, BF16",
        "fp64, FP64",
        "text, BYTES"
    })
    void datatypesHaveTheProtocolsNames(String model, String datatype) throws IOException {
        JsonNode metadata = JSON.readTree(server.http().get("/v2/models/" + model).body());
        assertEquals(datatype, metadata.at("/inputs/0/datatype").textValue());
    }

    @Test
    void modelThatIsNotServedIsNotReady() throws IOException {
        assertAnswer(
                503,
                "{\"name\": \"broken\", \"ready\": false}",
                server.http().get("/v2/models/broken/ready"));
        assertEquals(503, server.http().get("/v2/models/broken").statusCode());
        assertEquals(503, infer("broken", half("")).statusCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "half/versions/124", "half/versions/0123", "half/versions/x"})
    void unknownModelOrVersionIsNotFound(String model) throws IOException {
        String path = "/v2/models/" + model;
        assertEquals(404, server.http().get(path).statusCode());
        assertEquals(404, server.http().get(path + "/ready").statusCode());
        assertEquals(404, infer(model, half("")).statusCode());
    }

    @Test
    void unknownVersionIsNamedWithTheOneServed() throws IOException {
        assertError(
                404,
                "no version \"124\" of model \"half\": there is 123",
                infer("half/versions/124", half("")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/v2/", "/v2/health", "/v2/models", "/v2/models/half/", "/v2/models/half/x"})
    void otherPathsAreNotFound(String path) {
        assertEquals(404, server.http().get(path).statusCode());
    }

    @Test
    void otherMethodsAreRefused() {
        HttpResponse<String> get = server.http().get("/v2/models/half/infer");
        assertEquals(405, get.statusCode());
        assertEquals("POST", get.headers().firstValue("allow").orElse(null));
        HttpResponse<String> post = server.http().post("/v2/models/half", "{}");
        assertEquals(405, post.statusCode());
        assertEquals("GET, HEAD", post.headers().firstValue("allow").orElse(null));
    }

    @Test
    void onlyModelWithoutANameHasAnyName() throws Exception {
        TestModels.halfPlusTwo(other.models.resolve("3"));
        other.start();
        assertAnswer(
                200,
                "{\"name\": \"any\", \"ready\": true}",
                other.http().get("/v2/models/any/ready"));
        JsonNode answer = JSON.readTree(other.http().post("/v2/models/any/infer", half("")).body());
        assertEquals("any", answer.get("model_name").textValue());
        assertEquals("3", answer.get("model_version").textValue());
    }

    // Inference in JSON.

    @Test
    void answerHasModelVersionAndOutputs() throws IOException {
        String answer =
                "{\"model_name\": \"half\", \"model_version\": \"123\", \"outputs\": [{\"name\":"
                        + " \"y\", \"datatype\": \"FP32\", \"shape\": [2], \"data\": [2.5, 3.0]}]}";
        assertAnswer(200, answer, infer("half", half("")));
        assertAnswer(200, answer, infer("half/versions/123", half("")));
        assertAnswer(200, answer, infer("h%61lf", half("")));
        assertAnswer(200, answer, infer("half", half("\"outputs\": [], \"parameters\": {},")));
        assertAnswer(
                200,
                answer,
                infer("half", half("\"more\": [1], \"parameters\": {\"priority\": 1},")));
    }

    @Test
    void idIsEchoed() throws IOException {
        HttpResponse<String> answer = infer("half", half("\"id\": \"q \\\"1\\\" ü\","));
        assertEquals("q \"1\" ü", JSON.readTree(answer.body()).get("id").textValue());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bool   | BOOL   | [true, false]",
                "uint8  | UINT8  | [0, 255]",
                "uint16 | UINT16 | [0, 65535]",
                "int32  | INT32  | [-2147483648, 2147483647]",
                "int64  | INT64  | [-9223372036854775808, 9223372036854775807]",
                "fp16   | FP16   | [0.5, -65504.0]",
                "bf16   | BF16   | [0.5, -1.0]",
                "half   | FP32   | [-3.0, 0.0]",
                "fp64   | FP64   | [0.1, -1.5E300]",
                "text   | BYTES  | [\"\", \"ü\\\"\"]"
            })
    void dataOfEachDatatypeAreReadAndWritten(String model, String datatype, String data)
            throws IOException {
        HttpResponse<String> answer = infer(model, input(datatype, "[2]", data));
        JsonNode output = JSON.readTree(answer.body()).at("/outputs/0");
        String expected = model.equals("half") ? "[0.5, 2.0]" : data;
        assertEquals(JSON.readTree(expected), output.get("data"), answer.body());
        assertEquals(datatype, output.get("datatype").textValue());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[2, 2] | [1, 2, 3, 4] | [2,2]",
                "[2, 2] | [[1, 2], [3, 4]] | [2,2]",
                "[2, 1, 2] | [[[1, 2]], [[3, 4]]] | [2,1,2]",
                "[] | [1] | []",
                "[] | 1 | []",
                "[0] | [] | [0]",
                "[2, 0] | [] | [2,0]",
                "[2, 0] | [[], []] | [2,0]"
            })
    void dataAreFlatOrNested(String shape, String data, String answered) throws IOException {
        HttpResponse<String> answer = infer("any", input("INT32", shape, data));
        assertEquals(200, answer.statusCode(), answer.body());
        JsonNode output = JSON.readTree(answer.body()).at("/outputs/0");
        assertEquals(answered, output.get("shape").toString());
        assertEquals(
                data.replaceAll("[\\[\\], ]", ""),
                output.get("data").toString().replaceAll("[\\[\\], ]", ""));
    }

    @Test
    void membersComeInAnyOrder() throws IOException {
        String request =
                "{\"outputs\": [{\"name\": \"product\"}], \"inputs\": [{\"data\": [2, 3],"
                        + " \"datatype\": \"FP32\", \"name\": \"b\", \"shape\": [2]}, {\"shape\":"
                        + " [2], \"data\": [[\"skipped\"]], \"datatype\": \"BYTES\", \"name\":"
                        + " \"c\"}]}";
        assertError(400, "inputs[1]: data of shape [1, 1] for shape [2]", infer("pair", request));
        assertAnswer(
                200,
                "{\"model_name\": \"pair\", \"model_version\": \"1\", \"outputs\": [{\"name\":"
                        + " \"product\", \"datatype\": \"FP32\", \"shape\": [2], \"data\": [8.0,"
                        + " 15.0]}]}",
                infer(
                        "pair",
                        request.replace("[[\"skipped\"]]", "[4, 5]")
                                .replace("BYTES", "FP32")
                                .replace("\"c\"", "\"a\"")));
    }

    @Test
    void outputsAreAnsweredInTheRequestsOrder() throws IOException {
        String request =
                "{\"inputs\": [{\"name\": \"a\", \"shape\": [1], \"datatype\": \"FP32\", \"data\":"
                        + " [2]}, {\"name\": \"b\", \"shape\": [1], \"datatype\": \"FP32\","
                        + " \"data\": [3]}]%s}";
        JsonNode all = JSON.readTree(infer("pair", request.formatted("")).body()).get("outputs");
        assertEquals("[\"product\",\"sum\"]", all.findValues("name").toString().replace(" ", ""));
        JsonNode asked =
                JSON.readTree(
                                infer(
                                                "pair",
                                                request.formatted(
                                                        ", \"outputs\": [{\"name\": \"sum\"},"
                                                                + " {\"name\": \"product\"}]"))
                                        .body())
                        .get("outputs");
        assertEquals("[\"sum\",\"product\"]", asked.findValues("name").toString().replace(" ", ""));
    }

    @Test
    void parameterNamesTheSignature() throws IOException {
        String request =
                "{\"inputs\": [{\"name\": \"a\", \"shape\": [1], \"datatype\": \"FP32\", \"data\":"
                        + " [2]}], \"parameters\": {\"signature_name\": \"negate\"}}";
        JsonNode answer = JSON.readTree(infer("pair", request).body());
        assertEquals("[-2.0]", answer.at("/outputs/0/data").toString());
    }

    @Test
    void nanAndInfinitiesAreNumbers() {
        HttpResponse<String> answer =
                infer("fp64", input("FP64", "[3]", "[NaN, Infinity, -Infinity]"));
        assertTrue(answer.body().contains("\"data\":[NaN,Infinity,-Infinity]"), answer.body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[] | the request is not a JSON object",
                "{} | the request has no \"inputs\"",
                "{\"inputs\": 1} | inputs: 1 is not a list",
                "{\"inputs\": [1]} | inputs[0]: 1 is not an object",
                "{\"inputs\": []} | missing input \"x\": signature \"serving_default\" takes \"x\" float32 [-1]",
                "{\"inputs\": [], \"inputs\": []} | inputs comes twice",
                "{\"id\": 1, \"inputs\": []} | id: 1 is not a string",
                "{\"parameters\": [], \"inputs\": []} | parameters: [] is not an object",
                "{\"parameters\": {\"binary_data_output\": 1}} | parameters.binary_data_output: 1 is not true or false",
                "{\"inputs\": [{\"shape\": [1], \"datatype\": \"FP32\", \"data\": [1]}]} | inputs[0] has no \"name\"",
                "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"data\": [1]}]} | inputs[0] has no \"shape\"",
                "{\"inputs\": [{\"name\": \"x\", \"shape\": [1], \"data\": [1]}]} | inputs[0] has no \"datatype\"",
                "{\"inputs\": [{\"name\": \"x\", \"shape\": [1], \"datatype\": \"FP32\"}]} | inputs[0] has no \"data\"",
                "{\"inputs\": [{\"name\": \"x\", \"name\": \"x\"}]} | inputs[0].name comes twice",
                "{\"inputs\": [{\"shape\": [-1]}]} | inputs[0].shape[0]: -1 is not a whole number of 0 or more",
                "{\"inputs\": [{\"shape\": [1.5]}]} | inputs[0].shape[0]: 1.5 is not a whole number of 0 or more",
                "{\"inputs\": [{\"shape\": [65536, 65536]}]} | inputs[0].shape: more than 2^31 elements",
                "{\"inputs\": [{\"shape\": [65536, 0, 65536]}]} | inputs[0].shape: more than 2^31 elements",
                "{\"inputs\": [{\"datatype\": \"float32\"}]} | inputs[0].datatype: no datatype \"float32\": one of BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, FP32, FP64, BF16, BYTES",
                "{\"inputs\": [{\"datatype\": \"FP32\", \"data\": [1, \"a\"]}]} | inputs[0].data[1]: \"a\" is not a number",
                "{\"inputs\": [{\"datatype\": \"FP32\", \"data\": [[1], [1, 2]]}]} | inputs[0].data[1] has 2 elements where inputs[0].data[0] has 1",
                "{\"inputs\": [{\"datatype\": \"UINT8\", \"data\": [256]}]} | inputs[0].data[0]: 256 is not a uint8",
                "{\"inputs\": [{\"parameters\": {\"shared_memory_region\": \"a\"}}]} | inputs[0].parameters.shared_memory_region: this extension of the protocol is not served here",
                "{\"inputs\": [{\"parameters\": {\"binary_data_size\": \"a\"}}]} | inputs[0].parameters.binary_data_size: \"a\" is not a whole number of 0 or more",
                "{\"inputs\": [], \"outputs\": [{}]} | outputs[0] has no \"name\"",
                "{\"inputs\": [], \"outputs\": [{\"name\": \"y\"}, {\"name\": \"y\"}]} | outputs[1]: \"y\" is asked for twice",
                "{\"inputs\": [], \"outputs\": [{\"name\": \"y\", \"parameters\": {\"classification\": 2}}]} | outputs[0].parameters.classification: this extension of the protocol is not served here",
                "{\"inputs\": [], \"outputs\": [{\"name\": \"z\"}]} | no output \"z\": signature \"serving_default\" has [y]",
                "{\"inputs\": []} {} | JSON Parse error: The document root must not be followed by other values. at offset: 15",
                "{\"inputs\": [}} | JSON Parse error: Invalid value. at offset: 12"
            })
    void invalidRequestIsNamed(String request, String message) throws IOException {
        HttpResponse<String> answer = infer("half", request);
        if (message.startsWith("JSON Parse error")) {
            assertEquals(400, answer.statusCode());
            return;
        }
        assertError(400, message, answer);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "FP64 | [1] | [1] | input \"x\" takes float32 [-1], got float64 [1]",
                "FP32 | [2] | [1] | inputs[0]: data of shape [1] for shape [2]",
                "FP32 | [2, 1] | [[1, 2]] | inputs[0]: data of shape [1, 2] for shape [2, 1]",
                "INT8 | [1] | [1] | inputs[0].datatype: there are no tensors of INT8 here",
                "UINT64 | [1] | [1] | inputs[0].datatype: there are no tensors of UINT64 here"
            })
    void tensorThatDoesNotFitIsRefused(String datatype, String shape, String data, String message)
            throws IOException {
        assertError(400, message, infer("half", input(datatype, shape, data)));
    }

    @Test
    void secondInputOfANameIsRefused() throws IOException {
        String twice =
                half("").replace(
                                "[{",
                                "[{\"name\": \"x\", \"shape\": [1], \"datatype\": \"FP32\", \"data\": [1]}, {");
        assertError(400, "inputs[1]: a second input named \"x\"", infer("half", twice));
    }

    @Test
    void tooManyDimensionsAreRefused() throws IOException {
        String shape = "[" + "1, ".repeat(254) + "1]";
        assertError(
                400,
                "inputs[0].shape: more than 254 dimensions",
                infer("half", input("FP32", shape, "[1]")));
    }

    @Test
    void bodyBeyondTheLimitIsRefused() {
        String large = half("\"id\": \"" + "a".repeat(1 << 20) + "\",");
        assertEquals(413, infer("half", large).statusCode());
    }

    @Test
    void hostileJsonTakesMemoryThatIsReserved() {
        // Lists in lists, inputs without end, dimensions without end.
        assertEquals(400, infer("half", "{\"more\": " + "[".repeat(500_000)).statusCode());
        assertEquals(
                400, infer("half", "{\"inputs\": [" + "{},".repeat(300_000) + "{}]}").statusCode());
        assertEquals(
                400,
                infer("half", input("FP32", "[" + "0,".repeat(500_000) + "0]", "[]")).statusCode());
    }

    // Binary data.

    private static byte[] concatenated(String json, byte[]... binary) {
        byte[] head = json.getBytes(UTF_8);
        int size = head.length;
        for (byte[] each : binary) {
            size += each.length;
        }
        ByteBuffer all = ByteBuffer.allocate(size).put(head);
        for (byte[] each : binary) {
            all.put(each);
        }
        return all.array();
    }

    private static HttpResponse<byte[]> inferBinary(String model, String json, byte[]... binary) {
        return server.http()
                .postForBytes(
                        "/v2/models/" + model + "/infer",
                        concatenated(json, binary),
                        JSON_LENGTH,
                        Integer.toString(json.getBytes(UTF_8).length));
    }

    private static String binaryInput(String name, String datatype, String shape, int size) {
        return "{\"name\": \"%s\", \"shape\": %s, \"datatype\": \"%s\", \"parameters\": {\"binary_data_size\": %d}}"
                .formatted(name, shape, datatype, size);
    }

    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    private static int jsonLength(HttpResponse<byte[]> answer) {
        assertEquals(200, answer.statusCode(), () -> new String(answer.body(), UTF_8));
        assertEquals(
                "application/octet-stream",
                answer.headers().firstValue("content-type").orElse(null));
        return Integer.parseInt(answer.headers().firstValue(JSON_LENGTH).orElseThrow());
    }

    private static JsonNode json(HttpResponse<byte[]> answer) throws IOException {
        return JSON.readTree(new String(answer.body(), 0, jsonLength(answer), UTF_8));
    }

    private static byte[] binary(HttpResponse<byte[]> answer) {
        int start = jsonLength(answer);
        return Arrays.copyOfRange(answer.body(), start, answer.body().length);
    }

    @Test
    void inputsAndOutputsAreBinaryData() throws IOException {
        HttpResponse<byte[]> answer =
                inferBinary(
                        "pair",
                        "{\"id\": \"7\", \"parameters\": {\"binary_data_output\": true}, \"inputs\":"
                                + " ["
                                + binaryInput("b", "FP32", "[2]", 8)
                                + ", "
                                + binaryInput("a", "FP32", "[2]", 8)
                                + "], \"outputs\": [{\"name\": \"sum\"}, {\"name\": \"product\"}]}",
                        floats(3, 4),
                        floats(5, 6));
        assertEquals(
                JSON.readTree(
                        "{\"model_name\": \"pair\", \"model_version\": \"1\", \"id\": \"7\","
                                + " \"outputs\": [{\"name\": \"sum\", \"datatype\": \"FP32\","
                                + " \"shape\": [2], \"parameters\": {\"binary_data_size\": 8}},"
                                + " {\"name\": \"product\", \"datatype\": \"FP32\", \"shape\": [2],"
                                + " \"parameters\": {\"binary_data_size\": 8}}]}"),
                json(answer));
        assertArrayEquals(floats(8, 10, 15, 24), binary(answer));
    }

    @Test
    void eachOutputSaysWhetherItIsBinary() throws IOException {
        HttpResponse<byte[]> answer =
                inferBinary(
                        "pair",
                        "{\"parameters\": {\"binary_data_output\": true}, \"inputs\": ["
                                + binaryInput("a", "FP32", "[1]", 4)
                                + ", {\"name\": \"b\", \"shape\": [1], \"datatype\": \"FP32\","
                                + " \"data\": [3]}], \"outputs\": [{\"name\": \"sum\","
                                + " \"parameters\": {\"binary_data\": false}}, {\"name\":"
                                + " \"product\"}]}",
                        floats(5));
        assertEquals("[8.0]", json(answer).at("/outputs/0/data").toString());
        assertArrayEquals(floats(15), binary(answer));
    }

    @Test
    void binaryInputsAreAnsweredInJsonUnlessAsked() throws IOException {
        String json = "{\"inputs\": [" + binaryInput("x", "FP32", "[1]", 4) + "]}";
        HttpResponse<byte[]> answer = inferBinary("half", json, floats(4));
        assertEquals("[4.0]", JSON.readTree(answer.body()).at("/outputs/0/data").toString());
        assertEquals("application/json", answer.headers().firstValue("content-type").orElse(null));
        assertTrue(answer.headers().firstValue(JSON_LENGTH).isEmpty());
    }

    @Test
    void jsonInputsAreAnsweredAsBinaryDataWhenAsked() throws IOException {
        HttpResponse<byte[]> answer =
                server.http()
                        .postForBytes(
                                "/v2/models/half/infer",
                                half("\"parameters\": {\"binary_data_output\": true},")
                                        .getBytes(UTF_8));
        assertArrayEquals(floats(2.5f, 3), binary(answer));
    }

    @ParameterizedTest
    @CsvSource({
        "bool, BOOL, 0100, 0100",
        "bool, BOOL, ff00, 0100",
        "uint8, UINT8, ff00, ff00",
        "uint16, UINT16, ffff0100, ffff0100",
        "int32, INT32, ffffffff01000000, ffffffff01000000",
        "int64, INT64, ffffffffffffffff0100000000000000, ffffffffffffffff0100000000000000",
        "fp16, FP16, 003c007e, 003c007e",
        "bf16, BF16, 803fc07f, 803fc07f",
        "fp64, FP64, 9a9999999999b93f000000000000f87f, 9a9999999999b93f000000000000f87f",
        "text, BYTES, 0000000002000000ff00, 0000000002000000ff00"
    })
    void binaryDataOfEachDatatypeAreReadAndWritten(
            String model, String datatype, String data, String expected) throws IOException {
        byte[] bytes = HexFormat.of().parseHex(data);
        HttpResponse<byte[]> answer =
                inferBinary(
                        model,
                        "{\"parameters\": {\"binary_data_output\": true}, \"inputs\": ["
                                + binaryInput("x", datatype, "[2]", bytes.length)
                                + "]}",
                        bytes);
        assertEquals(expected, HexFormat.of().formatHex(binary(answer)));
        assertEquals(datatype, json(answer).at("/outputs/0/datatype").textValue());
    }

    @Test
    void outputWithoutElementsIsBinaryData() throws IOException {
        HttpResponse<byte[]> answer =
                inferBinary(
                        "half",
                        "{\"parameters\": {\"binary_data_output\": true}, \"inputs\": ["
                                + binaryInput("x", "FP32", "[0]", 0)
                                + "]}");
        assertEquals(0, binary(answer).length);
        assertEquals(0, json(answer).at("/outputs/0/parameters/binary_data_size").asInt(-1));
    }

    @Test
    void bytesThatAreNoTextAreAnsweredAsBinaryDataOnly() throws IOException {
        byte[] data = HexFormat.of().parseHex("01000000ff");
        String json = "{\"inputs\": [" + binaryInput("x", "BYTES", "[1]", 5) + "]}";
        HttpResponse<byte[]> answer = inferBinary("text", json, data);
        assertEquals(406, answer.statusCode());
        assertEquals(
                "output \"y\" has an element that is not UTF-8, which JSON can't hold: ask for it"
                        + " with the parameter \"binary_data\": true",
                JSON.readTree(answer.body()).get("error").textValue());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "half | FP32 | [2] | 8 | 00000000 | inputs[0].parameters.binary_data_size: 8 bytes, but only 4 are left of the body",
                "half | FP32 | [2] | 4 | 00000000 | inputs[0].parameters.binary_data_size: 4 bytes, expected 8 by shape and datatype",
                "half | FP32 | [1] | 4 | 0000000000 | 1 bytes after the binary data of the inputs",
                "text | BYTES | [1] | 3 | 000000 | inputs[0].parameters.binary_data_size: element 0 ends after the data",
                "text | BYTES | [1] | 5 | ffffffff00 | inputs[0].parameters.binary_data_size: element 0 ends after the data",
                "text | BYTES | [2] | 4 | 00000000 | inputs[0].parameters.binary_data_size: 1 elements, expected 2 by shape"
            })
    void binaryDataThatDoNotFitAreRefused(
            String model, String datatype, String shape, int size, String data, String message)
            throws IOException {
        String json = "{\"inputs\": [" + binaryInput("x", datatype, shape, size) + "]}";
        HttpResponse<byte[]> answer = inferBinary(model, json, HexFormat.of().parseHex(data));
        assertEquals(message, JSON.readTree(answer.body()).get("error").textValue());
        assertEquals(400, answer.statusCode());
    }

    @Test
    void binaryDataNeedTheLengthOfTheJson() throws IOException {
        assertError(
                400,
                "inputs[0].parameters.binary_data_size: the length of the JSON before binary data"
                        + " must be in the header Inference-Header-Content-Length",
                infer("half", "{\"inputs\": [" + binaryInput("x", "FP32", "[1]", 4) + "]}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "x", "1.0", "99999999999", "1, 2", ""})
    void lengthOfTheJsonMustBeANumber(String length) throws IOException {
        assertError(
                400,
                "the header Inference-Header-Content-Length must be one number of bytes",
                server.http().post("/v2/models/half/infer", new byte[4], JSON_LENGTH, length));
    }

    @Test
    void lengthOfTheJsonIsThatOfTheBodyAtMost() throws IOException {
        assertError(
                400,
                "Inference-Header-Content-Length is 5, more than the 4 bytes of the body",
                server.http().post("/v2/models/half/infer", new byte[4], JSON_LENGTH, "5"));
    }

    @Test
    void bothDataAreRefused() throws IOException {
        String json =
                "{\"inputs\": ["
                        + binaryInput("x", "FP32", "[1]", 4)
                                .replace("{\"name\"", "{\"data\": [1], \"name\"")
                        + "]}";
        HttpResponse<byte[]> answer = inferBinary("half", json, floats(1));
        assertEquals(
                "inputs[0] has both data and binary_data_size",
                JSON.readTree(answer.body()).get("error").textValue());
    }

    // A body without JSON.

    private static HttpResponse<byte[]> inferRaw(String model, byte[] body) {
        return server.http().postForBytes("/v2/models/" + model + "/infer", body, JSON_LENGTH, "0");
    }

    @Test
    void bodyWithoutJsonIsTheOnlyInput() throws IOException {
        HttpResponse<byte[]> answer = inferRaw("half", floats(1, 2, 5));
        assertArrayEquals(floats(2.5f, 3, 4.5f), binary(answer));
        assertEquals("[3]", json(answer).at("/outputs/0/shape").toString());
        answer = inferRaw("dense", floats(1, 2, 3, 4));
        assertEquals("[2,3]", json(answer).at("/outputs/0/shape").toString());
        answer = inferRaw("text", "abc".getBytes(UTF_8));
        assertArrayEquals(concatenated("\3\0\0\0abc"), binary(answer));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pair | a body without JSON is for models of one input: there are [a, b]",
                "dense | input \"x\": 4 bytes without JSON do not say which shape they have: it takes float32 [-1, 2]",
                "any | input \"x\": 4 bytes without JSON do not say which shape they have: it takes int32 unknown"
            })
    void bodyWithoutJsonMustBeUnambiguous(String model, String message) throws IOException {
        HttpResponse<byte[]> answer = inferRaw(model, new byte[4]);
        assertEquals(message, JSON.readTree(answer.body()).get("error").textValue());
        assertEquals(400, answer.statusCode());
    }
}
