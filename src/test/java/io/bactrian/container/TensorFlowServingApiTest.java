package io.bactrian.container;

import static io.bactrian.container.JsonAnswers.assertAnswer;
import static io.bactrian.container.JsonAnswers.assertError;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Fixtures;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TensorFlow Serving's REST API, {@code /v1/models/…}, over HTTP. */
class TensorFlowServingApiTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    static TestServer server =
            TestServer.started(
                    setup -> {
                        TestModels.halfPlusTwo(setup.models.resolve("half/00000123"));
                        TestModels.sumAndProduct(setup.models.resolve("pair/1"));
                        TestModels.examples(setup.models.resolve("examples/7"));
                        TestModels.dense(setup.models.resolve("dense/1"));
                        setup.model("text/1");
                        setup.brokenModel("broken/2");
                        // Its pipeline is of the same name; the API is the model's own.
                        setup.route("text", "text");
                    });

    @RegisterExtension final TestServer other = TestServer.notStarted();

    private static HttpResponse<String> post(String path, String body) {
        return server.http().post("/v1/models/" + path, body);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "half:predict | {\"instances\": [1.0, 2.0, 5.0]} | {\"predictions\": [2.5, 3.0, 4.5]}",
                "half:predict | {\"inputs\": [1.0, 2.0]} | {\"outputs\": [2.5, 3.0]}",
                "half/versions/123:predict | {\"instances\": [1.0]} | {\"predictions\": [2.5]}",
                "half:PREDICT | {\"instances\": [1.0]} | {\"predictions\": [2.5]}",
                "h%61lf:predict | {\"instances\": [1.0]} | {\"predictions\": [2.5]}",
                "half:predict | {\"instances\": [1.0]} and more | {\"predictions\": [2.5]}",
                "half:predict | {\"inputs\": {\"x\": [1.0], \"more\": 1}} | {\"outputs\": [2.5]}",
                "pair:predict | {\"signature_name\": \"negate\", \"instances\": [1, 2]} | {\"predictions\": [-1.0, -2.0]}",
                "pair:predict | {\"instances\": [{\"a\": 1, \"b\": 2}]} | {\"predictions\": [{\"product\": 2.0, \"sum\": 3.0}]}",
                "text:predict | {\"instances\": [\"A\"]} | {\"predictions\": [\"A\"]}",
                "examples:classify | {\"examples\": [{\"x\": 0.25}, {\"x\": [1.0]}]} | {\"results\": [[[\"high\", 0.25], [\"low\", 0.75]], [[\"high\", 1.0], [\"low\", 0.0]]]}",
                "examples:classify | {\"examples\": [{\"x\": 0.25, \"more\": [\"a\", {\"b64\": \"YQ==\"}]}], \"signature_name\": \"scores\"} | {\"results\": [[[\"\", 0.25], [\"\", 0.75]]]}",
                "examples:regress | {\"signature_name\": \"regress\", \"examples\": [{\"x\": 2e0}, {\"x\": -0.5}]} | {\"results\": [4.0, -1.0]}",
                "examples:regress | {\"signature_name\": \"regress\", \"context\": {\"x\": 3.0}, \"examples\": [{}, {\"x\": 1.0}]} | {\"results\": [6.0, 2.0]}"
            })
    void modelAnswers(String path, String request, String answer) throws IOException {
        long open = NamedTensors.open();
        assertAnswer(200, answer, post(path, request));
        assertTrue(NamedTensors.open() <= open);
    }

    /** The pipeline of the same name makes lower case of it. */
    @Test
    void pipelineOfTheModelIsUntouched() {
        assertEquals(
                "\"a\"", server.http().post("/models/text/invoke", "{\"text\": \"A\"}").body());
    }

    @Test
    void contentTypeAndAcceptAreNotLookedAt() throws IOException {
        HttpResponse<String> response =
                server.http()
                        .send(
                                "POST",
                                "/v1/models/half:predict",
                                BodyPublishers.ofString("{\"instances\": [1.0]}"),
                                "Content-Type",
                                "text/plain",
                                "Accept",
                                "image/png");
        assertAnswer(200, "{\"predictions\": [2.5]}", response);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nope:predict | {} | 404 | Servable not found for request: Latest(nope)",
                "half/versions/99:predict | {} | 404 | Servable not found for request: Specific(half, 99)",
                "half/labels/stable:predict | {} | 400 | Unrecognized servable version label: stable",
                "half/versions/99999999999999999999:predict | {} | 400 | Failed to convert version: 99999999999999999999 to numeric.",
                "half/versions/x:predict | {} | 400 | Malformed request: POST /v1/models/half/versions/x:predict",
                "half/versions/1/labels/a:predict | {} | 400 | Malformed request: POST /v1/models/half/versions/1/labels/a:predict",
                "half:train | {} | 400 | Malformed request: POST /v1/models/half:train",
                "half | {} | 400 | Malformed request: POST /v1/models/half",
                "half/metadata | {} | 400 | Malformed request: POST /v1/models/half/metadata",
                "half:predict | `` | 400 | JSON Parse error: The document is empty",
                "half:predict | [1] | 400 | JSON Value: [1] Is not object",
                "half:predict | {\"junk\": 1} | 400 | Missing 'inputs' or 'instances' key",
                "half:predict | {\"instances\": [\"][\"]} | 400 | Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: \"][\" Type: String is not of expected type: float",
                "half:predict | {\"instances\": [1], \"signature_name\": \"x\"} | 400 | Serving signature name: \"x\" not found in signature def: model \"half\" has [serving_default]",
                "dense:predict | {\"instances\": [[1, 2, 3]]} | 400 | input \"x\" takes float32 [-1, 2], got float32 [1, 3]",
                "examples:classify | [] | 400 | JSON Value: [] Is not object",
                "examples:classify | {\"signature_name\": 1} | 400 | `JSON Value: {\n    \"signature_name\": 1\n} not formatted correctly. 'signature_name' key must be a string value.`",
                "examples:classify | {} | 400 | JSON Value: {} When method is classify, key 'examples' is expected and was not found",
                "examples:regress | {} | 400 | JSON Value: {} When method is regress, key 'examples' is expected and was not found",
                "examples:classify | {\"examples\": {}} | 400 | `JSON Value: {\n    \"examples\": {}\n} Expecting 'examples' value to be an list/array`",
                "examples:classify | {\"examples\": []} | 400 | `JSON Value: {\n    \"examples\": []\n} 'examples' value is an empty array`",
                "examples:classify | {\"examples\": [1]} | 400 | Example must be JSON object but got JSON Number",
                "examples:classify | {\"examples\": [{\"x\": null}]} | 400 | Feature: x has element with unexpected JSON type: Null",
                "examples:classify | {\"examples\": [{\"x\": [[1]]}]} | 400 | Feature: x has element with unexpected JSON type: Array",
                "examples:classify | {\"examples\": [{\"x\": {\"a\": 1}}]} | 400 | Feature: x has element with unexpected JSON type: Object",
                "examples:classify | {\"examples\": [{\"x\": [1.0, 1]}]} | 400 | Unexpected element type in feature: x expecting type: float",
                "examples:classify | {\"examples\": [{\"x\": [1, \"a\"]}]} | 400 | Unexpected element type in feature: x expecting type: int64",
                "examples:classify | {\"examples\": [{\"x\": [\"a\", true]}]} | 400 | Unexpected element type in feature: x expecting type: bytes",
                "examples:classify | {\"examples\": [{\"x\": 18446744073709551615}]} | 400 | Feature: x has uint64 element. Only int64 is supported.",
                "examples:classify | {\"examples\": [{\"x\": {\"b64\": \"*\"}}]} | 400 | Unable to base64 decode",
                "examples:classify | {\"examples\": [{\"x\": 1.0}], \"context\": []} | 400 | Example must be JSON object but got JSON Array",
                "examples:classify | {\"examples\": [{\"x\": 1.0}], \"signature_name\": \"regress\"} | 400 | Expected classification signature outputs to contain at least one of \"classes\" or \"scores\", there are [outputs]",
                "examples:regress | {\"examples\": [{\"x\": 1.0}]} | 400 | No regression outputs found in SignatureDef: there are [classes, scores]",
                "half:regress | {\"examples\": [{\"x\": 1.0}]} | 400 | No regression inputs found in SignatureDef: there is [x]",
                "pair:classify | {\"examples\": [{\"x\": 1.0}]} | 400 | Expected one input Tensor."
            })
    void errorsAreThoseOfTensorFlowServing(String path, String body, int status, String message)
            throws IOException {
        long open = NamedTensors.open();
        assertError(status, message, post(path, body));
        assertTrue(NamedTensors.open() <= open);
        assertAnswer(
                200, "{\"predictions\": [2.5]}", post("half:predict", "{\"instances\": [1.0]}"));
    }

    /** The operation itself fails: there is no feature x. */
    @Test
    void failedRunIsAnErrorOfTheRequest() {
        HttpResponse<String> response = post("examples:classify", "{\"examples\": [{\"y\": 1.0}]}");
        assertEquals(400, response.statusCode());
        assertTrue(response.body().contains("Feature: x"), response.body());
    }

    private static HttpResponse<String> get(String path) {
        return server.http().get("/v1/models" + path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/half", "/half/versions/123", "/HALF/../half"})
    void statusSaysThatTheVersionIsAvailable(String path) throws IOException {
        String state =
                "{\"model_version_status\": [{\"version\": \"123\", \"state\": \"AVAILABLE\","
                        + " \"status\": {\"error_code\": \"OK\", \"error_message\": \"\"}}]}";
        if (path.contains("..")) {
            assertEquals(400, get(path).statusCode());
        } else {
            assertAnswer(200, state, get(path));
        }
    }

    @Test
    void statusOfABrokenModelSaysWhy() throws IOException {
        JsonNode status = JSON.readTree(get("/broken").body()).at("/model_version_status/0");
        assertEquals("END", status.path("state").asText());
        assertEquals("2", status.path("version").asText());
        assertEquals("UNKNOWN", status.at("/status/error_code").asText());
        String reason = status.at("/status/error_message").asText();
        assertTrue(reason.length() > 10, "" + status);
        assertFalse(reason.contains(server.folder.toString()), reason);
        assertEquals(503, post("broken:predict", "{}").statusCode());
    }

    @Test
    void metadataHasAllSignatures() throws IOException {
        String tensor =
                "{\"dtype\": \"DT_FLOAT\", \"tensor_shape\": {\"dim\": [{\"size\": \"-1\","
                        + " \"name\": \"\"}], \"unknown_rank\": false}, \"name\": \"%s\"}";
        JsonNode metadata = JSON.readTree(get("/pair/versions/1/metadata").body());
        assertEquals(
                JSON.readTree("{\"name\": \"pair\", \"signature_name\": \"\", \"version\": \"1\"}"),
                metadata.path("model_spec"));
        JsonNode signatures = metadata.at("/metadata/signature_def/signature_def");
        JsonNode negate = signatures.path("negate");
        assertEquals(
                JSON.readTree(
                        "{\"a\": " + tensor.formatted(negate.at("/inputs/a/name").asText()) + "}"),
                negate.path("inputs"));
        assertEquals("DT_FLOAT", negate.at("/outputs/negative/dtype").asText());
        assertTrue(negate.at("/inputs/a/name").asText().endsWith(":0"));
        assertTrue(negate.path("defaults").isEmpty());
        assertTrue(signatures.has("serving_default"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | 400 | Missing model name in request.",
                "/nope | 404 | Could not find any versions of model nope",
                "/nope/metadata | 404 | Could not find any versions of model nope",
                "/half/versions/99 | 404 | Could not find version 99 of model half",
                "/half/labels/a | 400 | Unrecognized servable version label: a",
                "/half:predict | 400 | Malformed request: GET /v1/models/half:predict",
                "/half/config | 400 | Malformed request: GET /v1/models/half/config"
            })
    void descriptionOfWhatIsNotThereIsAnError(String path, int status, String message)
            throws IOException {
        assertError(status, message, get(path));
    }

    @Test
    void otherMethodsAreRefusedAndHeadHasNoBody() {
        HttpResponse<String> put =
                server.http().send("PUT", "/v1/models/half:predict", BodyPublishers.ofString("{}"));
        assertEquals(405, put.statusCode());
        assertEquals("GET, HEAD, POST", put.headers().firstValue("allow").orElse(null));
        HttpResponse<String> head =
                server.http().send("HEAD", "/v1/models/half", BodyPublishers.noBody());
        assertEquals(200, head.statusCode());
        assertEquals("", head.body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tfs-model-name=half,tfs-method=predict | {\"instances\": [1.0]} | 200 | {\"predictions\": [2.5]}",
                "tfs-model-name=half, tfs-model-version=123 | {\"instances\": [1.0]} | 200 | {\"predictions\": [2.5]}",
                "a=b,tfs-model-name=examples,tfs-method=classify | {\"signature_name\": \"scores\", \"examples\": [{\"x\": 0.5}]} | 200 | {\"results\": [[[\"\", 0.5], [\"\", 0.5]]]}",
                "tfs-method=regress,tfs-model-name=examples | {\"signature_name\": \"regress\", \"examples\": [{\"x\": 0.5}]} | 200 | {\"results\": [1.0]}",
                "tfs-model-name=half,tfs-model-version=124 | {} | 404 | {\"error\": \"Servable not found for request: Specific(half, 124)\"}",
                "tfs-model-name=half,tfs-model-version=x | {} | 400 | {\"error\": \"tfs-model-version must be a whole number\"}",
                "tfs-model-name=half,tfs-method=train | {} | 400 | {\"error\": \"tfs-method must be predict, classify or regress\"}"
            })
    void customAttributesNameModelVersionAndMethod(
            String attributes, String request, int status, String answer) throws IOException {
        HttpResponse<String> response =
                server.http()
                        .post(
                                "/invocations",
                                request.getBytes(StandardCharsets.UTF_8),
                                "X-Amzn-SageMaker-Custom-Attributes",
                                attributes,
                                "Content-Type",
                                "application/json");
        assertAnswer(status, answer, response);
    }

    /** As it does over the header of a multi-model endpoint. */
    @Test
    void pathNamesTheModelRatherThanCustomAttributes() throws IOException {
        HttpResponse<String> response =
                server.http()
                        .post(
                                "/models/examples/invoke",
                                "{\"signature_name\": \"regress\", \"examples\": [{\"x\": 0.5}]}"
                                        .getBytes(StandardCharsets.UTF_8),
                                "X-Amzn-SageMaker-Custom-Attributes",
                                "tfs-model-name=half,tfs-method=regress");
        assertAnswer(200, "{\"results\": [1.0]}", response);
    }

    /** Requests of the tests of TensorFlow Serving and of SageMaker's container. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "half-plus-two:predict | {\"instances\": [2, 3, 4]} | {\"predictions\": [3.0, 3.5, 4.0]}",
                "half-plus-two:classify | {\"signature_name\": \"classify_x_to_y\", \"examples\": [{\"x\": 2.0}]} | {\"results\": [[[\"\", 3.0]]]}",
                "half-plus-two:regress | {\"signature_name\": \"regress_x_to_y\", \"examples\": [{\"x\": 2.0}]} | {\"results\": [3.0]}",
                "half-plus-three:regress | {\"signature_name\": \"tensorflow/serving/regress\", \"examples\": [{\"x\": 1.0}, {\"x\": 2.0}]} | {\"results\": [3.5, 4.0]}"
            })
    void modelsOfTensorFlowServingAnswer(String path, String request, String answer)
            throws Exception {
        String model = path.substring(0, path.indexOf(':'));
        Path fixture = Fixtures.path(model);
        try (var versions = Files.list(fixture)) {
            Path version =
                    versions.filter(each -> Files.exists(each.resolve("saved_model.pb")))
                            .findFirst()
                            .orElseThrow();
            TestModels.copy(version, other.models.resolve(model).resolve("1"));
        }
        other.start();
        assertAnswer(200, answer, other.http().post("/v1/models/" + path, request));
    }
}
