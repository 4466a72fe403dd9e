package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.format.NpyWriter;
import io.bactrian.testing.Fixtures;
import io.bactrian.testing.TestModels;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;

/** The built-in predict pipeline of models without a pipeline, over HTTP. */
class PredictRouteTest {

    @RegisterExtension
    static TestServer server =
            TestServer.started(
                    setup -> {
                        TestModels.halfPlusTwo(setup.models.resolve("half/1"));
                        TestModels.sumAndProduct(setup.models.resolve("pair/1"));
                        setup.model("text/1");
                        TestModels.dense(setup.models.resolve("dense/1"));
                        TestModels.identity(
                                setup.models.resolve("bfloat16/1"),
                                TBfloat16.class,
                                Shape.of(Shape.UNKNOWN_SIZE));
                    });

    @RegisterExtension final TestServer other = TestServer.notStarted();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "half | {\"instances\": [1.0, 2.0, 5.0]} | {\"predictions\": [2.5, 3.0, 4.5]}",
                "half | {\"inputs\": [1.0, 2.0, 5.0]} | {\"outputs\": [2.5, 3.0, 4.5]}",
                "half | {\"inputs\": {\"x\": [1]}, \"signature_name\": \"serving_default\"} | {\"outputs\": [2.5]}",
                "pair | {\"instances\": [{\"a\": 1, \"b\": 2}, {\"a\": 3, \"b\": 4}]} | {\"predictions\": [{\"product\": 2.0, \"sum\": 3.0}, {\"product\": 12.0, \"sum\": 7.0}]}",
                "pair | {\"inputs\": {\"a\": [1], \"b\": [2]}} | {\"outputs\": {\"product\": [2.0], \"sum\": [3.0]}}",
                "pair | {\"signature_name\": \"negate\", \"instances\": [1, 2]} | {\"predictions\": [-1.0, -2.0]}",
                "pair | {\"instances\": [1, 2], \"signature_name\": \"negate\"} | {\"predictions\": [-1.0, -2.0]}",
                "text | {\"instances\": [\"héllo\", {\"b64\": \"d29ybGQ=\"}]} | {\"predictions\": [\"héllo\", \"world\"]}",
                "dense | {\"instances\": [[1, 2], [3, 4]]} | {\"predictions\": [[3.0, 3.0, 3.0], [7.0, 7.0, 7.0]]}"
            })
    void requestsInRowAndColumnFormAreAnswered(String model, String request, String answer) {
        HttpResponse<String> response = server.http().post("/models/" + model + "/invoke", request);
        assertEquals(answer.replace(" ", ""), response.body().replace(" ", ""));
        assertEquals(200, response.statusCode());
        assertEquals(
                "application/json", response.headers().firstValue("content-type").orElse(null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "half | {\"junk\": 1} | Missing 'inputs' or 'instances' key",
                "half | | JSON Parse error: The document is empty",
                "half | {\"instances\": [\"][\"]} | Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: \\\"][\\\" Type: String is not of expected type: float",
                "half | {\"instances\": [1], \"signature_name\": \"x\"} | Serving signature name: \\\"x\\\" not found in signature def: model \\\"half\\\" has [serving_default]",
                "pair | {\"inputs\": {\"a\": [1]}} | Missing named input: b in 'inputs' object."
            })
    void invalidRequestsAreRejected(String model, String request, String message) {
        HttpResponse<String> response =
                server.http().post("/models/" + model + "/invoke", request == null ? "" : request);
        assertEquals("{\"error\": \"" + message + "\"}", response.body());
        assertEquals(400, response.statusCode());
    }

    @Test
    void shapeThatDoesNotMatchIsNamed() {
        HttpResponse<String> response =
                server.http().post("/models/dense/invoke", "{\"instances\": [[1, 2, 3]]}");
        assertEquals(400, response.statusCode());
        assertEquals(
                "{\"error\": \"input \\\"x\\\" takes float32 [-1, 2], got float32 [1, 3]\"}",
                response.body());
    }

    @Test
    void severalModelsRequireAName() {
        HttpResponse<String> response = server.http().post("/invocations", "{\"instances\": [1]}");
        assertEquals(404, response.statusCode());
        assertTrue(
                response.body().contains("to one of bfloat16, dense, half, pair, text"),
                response.body());
    }

    @Test
    void npyIsReadAndWritten() {
        byte[] npy;
        try (TFloat32 x = TFloat32.vectorOf(1, 2, 5)) {
            npy = NpyWriter.write(x);
        }
        assertEquals(
                "{\"predictions\":[2.5,3.0,4.5]}",
                server.http()
                        .post(
                                "/models/half/invoke",
                                npy,
                                "Content-Type",
                                "application/x-npy",
                                "Accept",
                                "application/json")
                        .body()
                        .replace(" ", ""));
        HttpResponse<byte[]> answer =
                server.http()
                        .postForBytes(
                                "/models/half/invoke",
                                npy,
                                "Content-Type",
                                "application/x-npy",
                                "Accept",
                                "application/x-npy");
        try (TFloat32 y = TFloat32.vectorOf(2.5f, 3, 4.5f)) {
            assertArrayEquals(NpyWriter.write(y), answer.body());
        }
        assertEquals("application/x-npy", answer.headers().firstValue("content-type").orElse(null));
        HttpResponse<String> several =
                server.http()
                        .post(
                                "/models/pair/invoke",
                                "{\"instances\": [{\"a\": 1, \"b\": 2}]}".getBytes(),
                                "Content-Type",
                                "application/json",
                                "Accept",
                                "application/x-npy");
        assertEquals(
                "{\"error\": \"application/x-npy can't hold several outputs, [product, sum]:"
                        + " accept application/json\"}",
                several.body());
        assertEquals(406, several.statusCode());
        assertEquals(
                400,
                server.http()
                        .post(
                                "/models/half/invoke",
                                new byte[9],
                                "Content-Type",
                                "application/x-npy")
                        .statusCode());
    }

    /** The cases of SageMaker's TensorFlow container for CSV and JSON Lines. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/csv | 1.0 | {'predictions':[2.5]}",
                "text/csv; charset=utf-8 | 0.0, 2.0, 5.0 | {'predictions':[[2.0,3.0,4.5]]}",
                "text/csv | 1.0,2.0,5.0;1.0,2.0,5.0; | {'predictions':[[2.5,3.0,4.5],[2.5,3.0,4.5]]}",
                "text/csv | 1.0;2.0;;5.0 | {'predictions':[2.5,3.0,4.5]}",
                "application/jsonlines | [1.0, 2.0, 5.0];[1.0, 2.0, 5.0] | {'predictions':[[2.5,3.0,4.5],[2.5,3.0,4.5]]}",
                "application/jsonlines | [1, 2] | {'predictions':[[2.5,3.0]]}",
                "application/jsons | {'x': 1}{'x': 2} | {'predictions':[2.5,3.0]}",
                "application/jsonlines | {'instances': [1, 2]} | {'predictions':[2.5,3.0]}",
            })
    void recordsAreRows(String contentType, String body, String answer) {
        HttpResponse<String> response =
                server.http()
                        .post(
                                "/models/half/invoke",
                                body.replace(';', '\n').replace('\'', '"').getBytes(),
                                "Content-Type",
                                contentType);
        assertEquals(answer.replace('\'', '"'), response.body());
        assertEquals(200, response.statusCode());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/csv | 1,2;3 | row 1 (line 2) has 1 values, expected 2",
                "text/csv | 1,2;3,0x1 | row 1 (line 2), column 1 must be float32, got \\\"0x1\\\"",
                "text/csv | ; | the body has no rows",
                "application/jsonlines | [1];[2 | record 1: JSON Parse error: Missing a comma or ] after an array element. at offset: 6",
                "application/jsonlines | ; | the body has no records: expected JSON, one a line",
                "application/x-npz | PK | not a readable .npz: it has no arrays",
            })
    void invalidRecordIsNamed(String contentType, String body, String message) {
        HttpResponse<String> response =
                server.http()
                        .post(
                                "/models/half/invoke",
                                body.replace(';', '\n').getBytes(),
                                "Content-Type",
                                contentType);
        assertEquals("{\"error\": \"" + message + "\"}", response.body());
        assertEquals(400, response.statusCode());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/csv | 2.5,3.0;3.5,4.0;",
                "application/jsonlines | [2.5,3.0];[3.5,4.0];",
                "application/json;q=0.3, text/csv;q=0.8 | 2.5,3.0;3.5,4.0;",
                "application/json, application/jsonlines | {\"predictions\":[[2.5,3.0],[3.5,4.0]]}",
            })
    void acceptChoosesTheFormat(String accept, String answer) {
        HttpResponse<String> response =
                server.http()
                        .post(
                                "/models/half/invoke",
                                "1,2\n3,4\n".getBytes(),
                                "Content-Type",
                                "text/csv",
                                "Accept",
                                accept);
        assertEquals(answer.replace(';', '\n'), response.body());
        assertEquals(200, response.statusCode());
    }

    @Test
    void csvForSeveralInputsIsRefused() {
        HttpResponse<String> response =
                server.http()
                        .post("/models/pair/invoke", "1,2".getBytes(), "Content-Type", "text/csv");
        assertTrue(
                response.body().contains("text/csv is for a model with one input"),
                response.body());
        assertEquals(400, response.statusCode());
    }

    /** numpy has no bfloat16; float32 represents the same values. */
    @Test
    void bfloat16IsWrittenAsFloat32InNpy() {
        HttpResponse<byte[]> answer =
                server.http()
                        .postForBytes(
                                "/models/bfloat16/invoke",
                                "{\"instances\": [1.5, -0.0, NaN]}".getBytes(),
                                "Content-Type",
                                "application/json",
                                "Accept",
                                "application/x-npy");
        assertEquals(200, answer.statusCode());
        try (TFloat32 y = TFloat32.vectorOf(1.5f, -0.0f, Float.NaN)) {
            assertArrayEquals(NpyWriter.write(y), answer.body());
        }
    }

    @Test
    void stringThatNpyCannotRepresentIsNotAcceptable() {
        HttpResponse<String> answer =
                server.http()
                        .post(
                                "/models/text/invoke",
                                "{\"instances\": [\"a\\u0000\"]}".getBytes(),
                                "Content-Type",
                                "application/json",
                                "Accept",
                                "application/x-npy");
        assertEquals(
                "{\"error\": \"application/x-npy can't hold a string that ends with NUL: accept"
                        + " application/json\"}",
                answer.body());
        assertEquals(406, answer.statusCode());
    }

    /**
     * TensorFlow Serving's test model, which TensorFlow Java rejects, with the request of its
     * documentation.
     */
    @Test
    void halfPlusThreeIsServed() throws Exception {
        other.start("BACTRIAN_MODEL_DIR", Fixtures.path("half-plus-three").toString());
        assertEquals(
                "{\"predictions\":[3.5,4.0,5.5]}",
                other.http()
                        .post("/invocations", "{\"instances\": [1.0, 2.0, 5.0]}")
                        .body()
                        .replace(" ", ""));
    }
}
