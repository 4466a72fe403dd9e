package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.testing.TestModels;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A broken model or pipeline does not affect other models and pipelines. */
class FaultIsolationTest {

    private static final String LOWERED = "\"hi\"";
    private static final String PREDICTED = "{\"predictions\":[\"Hi\"]}";

    @RegisterExtension final TestServer server = TestServer.notStarted();

    private void assertAnswer(String body, HttpResponse<String> response) {
        assertEquals(body, response.body());
        assertEquals(200, response.statusCode());
    }

    /** Checks that the answer is 503 with the reason, and without Retry-After. */
    private void assertBroken(HttpResponse<String> response, String reason) {
        assertTrue(response.body().contains(reason), response.body());
        assertTrue(response.body().startsWith("{\"error\": \""), response.body());
        assertEquals(503, response.statusCode());
        assertTrue(response.headers().firstValue("retry-after").isEmpty());
    }

    private void assertReported(String line) {
        assertTrue(server.report().contains(line), server.report());
    }

    @Test
    void brokenModelDoesNotAffectOthers() throws Exception {
        server.model("good/1").brokenModel("bad/1").start();
        assertEquals(200, server.ping());
        assertAnswer(PREDICTED, server.predict("/models/good/invoke"));
        assertBroken(
                server.predict("/models/bad/invoke"),
                "saved_model.pb is not a readable SavedModel");
        assertReported("\n  bad: can't be served: ");
        // The request might have been meant for the broken model.
        assertEquals(404, server.predict("/invocations").statusCode());
    }

    @Test
    void brokenOnlyModelMakesTheServerNotReady() throws Exception {
        server.brokenModel("1").start();
        assertEquals(503, server.ping());
        assertBroken(server.predict("/invocations"), "is not a readable SavedModel");
        assertBroken(server.predict("/models/model/invoke"), "is not a readable SavedModel");
        assertReported("\nNOT READY on http://127.0.0.1:");
    }

    @Test
    void olderVersionDoesNotReplaceABrokenOne() throws Exception {
        server.model("spam/1").brokenModel("spam/2").model("ham/1").start();
        assertBroken(server.predict("/models/spam/invoke"), "spam/2/saved_model.pb");
        assertAnswer(PREDICTED, server.predict("/models/ham/invoke"));
        assertEquals(200, server.ping());
    }

    @Test
    void versionWithoutASavedModelIsBroken() throws Exception {
        Files.createDirectories(server.models.resolve("spam/2/variables"));
        server.model("spam/1").model("ham/1").start();
        assertBroken(
                server.predict("/models/spam/invoke"),
                "its highest version, spam/2, has no saved_model.pb");
        assertAnswer(PREDICTED, server.predict("/models/ham/invoke"));
    }

    @Test
    void serverWithoutModelsIsNotReady() throws Exception {
        server.start();
        assertEquals(503, server.ping());
        assertBroken(server.predict("/invocations"), "no SavedModel in ");
        assertBroken(server.predict("/models/any/invoke"), "no SavedModel in ");
        assertReported("no SavedModel in " + server.models);
    }

    @Test
    void modelWithoutADefaultSignatureServesItsOthers() throws Exception {
        Path model = TestModels.sumAndProduct(server.models.resolve("math/1"));
        TestModels.removeSignature(model, "serving_default");
        TestModels.copySignature(model, "negate", "again");
        server.model("other/1").start();
        assertEquals(200, server.ping());
        HttpClientFor http = server.http();
        assertAnswer(
                "{\"predictions\":[-3.0]}",
                http.post(
                        "/models/math/invoke",
                        "{\"signature_name\": \"negate\", \"instances\": [3]}"));
        HttpResponse<String> unnamed = http.post("/models/math/invoke", "{\"instances\": [3]}");
        assertEquals(400, unnamed.statusCode());
        assertTrue(unnamed.body().contains("[again, negate]"), unnamed.body());
    }

    @Test
    void onlySignatureIsTheDefault() throws Exception {
        Path model = TestModels.sumAndProduct(server.models.resolve("math/1"));
        TestModels.removeSignature(model, "serving_default");
        server.start();
        assertEquals(200, server.ping());
        assertAnswer(
                "{\"predictions\":[-3.0]}",
                server.http().post("/invocations", "{\"instances\": [3]}"));
    }

    @Test
    void routeOfABrokenModelIsBroken() throws Exception {
        server.model("good/1").brokenModel("bad/1").route("a", "good").route("b", "bad").start();
        assertEquals(200, server.ping());
        assertAnswer(LOWERED, server.post("/models/a/invoke"));
        assertBroken(server.post("/models/b/invoke"), "model \\\"bad\\\" can't be served: ");
        assertBroken(
                server.http()
                        .post("/invocations", new byte[0], "X-Amzn-SageMaker-Target-Model", "b"),
                "model \\\"bad\\\" can't be served: ");
        assertReported("\n  b: can't be served: " + server.routes + "/b.camel.yaml: model \"bad\"");
    }

    @Test
    void brokenDefaultPipelineMakesTheServerNotReady() throws Exception {
        server.model("good/1").brokenModel("bad/1").route("a", "good").route("b", "bad");
        server.set("BACTRIAN_PIPELINE", "b").start();
        assertEquals(503, server.ping());
        assertBroken(server.post("/invocations"), "model \\\"bad\\\" can't be served: ");
        assertAnswer(LOWERED, server.post("/models/a/invoke"));
        assertReported(
                ": GET /ping answers 503, since "
                        + server.routes
                        + "/b.camel.yaml: model \"bad\" can't be served: ");
    }

    @Test
    void brokenOnlyPipelineMakesTheServerNotReady() throws Exception {
        server.model("good/1").file(server.routes.resolve("a.camel.yaml"), "- route:\n  x: [\n");
        server.start();
        assertEquals(503, server.ping());
        assertBroken(server.post("/invocations"), "a.camel.yaml, line 3");
        // A request by the model's name was not meant for that pipeline.
        assertAnswer(PREDICTED, server.predict("/models/good/invoke"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "nonsense: 1 | a.camel.yaml: it has no route",
                "- route: {nonsense: 1} | nonsense",
                "- route: {id: a, from: {uri: `pipeline:a`, steps: [{nonsense: 1}]}} | nonsense",
                "- [unclosed | a.camel.yaml",
                "# nothing | a.camel.yaml",
                "- route: {id: a, from: {uri: `pipeline:a`, steps: [{process: {ref: '#nope'}}]}} | nope",
                "- route: {id: a, from: {uri: `pipeline:a`, steps: [{to: {uri: 'nope:x'}}]}} | nope",
                "- route: {id: a, from: {uri: `pipeline:a`, steps: [{to: {uri: '{{nope}}'}}]}} | nope",
                "- route: {id: a, from: {uri: `pipeline:a`, steps: [{to: {uri: 'tensorflow:good?nope=1'}}]}} | nope",
                "- route: {id: a, from: {uri: `pipeline:a`, steps: [{to: {uri: 'tensorflow:good?signature=nope'}}]}} | nope",
                "- route: {id: a, from: {uri: `pipeline:a?nope=1`, steps: [{setBody: {constant: x}}]}} | nope",
                "- route: {id: a, from: {uri: `pipeline:a`, steps: [{setBody: {simple: '${'}}]}} | a.camel.yaml",
                "- route: {id: a, autoStartup: false, from: {uri: `pipeline:a`, steps: [{setBody: {constant: x}}]}} | autoStartup",
                "- beans: [{name: b, type: io.bactrian.Nope}] | Nope",
                "- beans: [{name: b, type: io.bactrian.preprocess.ImagePreprocessor, properties: {widht: 3}}] | widht",
                "- beans: [{name: b, type: io.bactrian.preprocess.ImagePreprocessor, properties: {width: wide}}] | wide"
            })
    void brokenRouteFileDoesNotAffectOthers(String yaml, String reason) throws Exception {
        server.model("good/1").route("b", "good");
        server.file(server.routes.resolve("a.camel.yaml"), yaml.replace('`', '"') + "\n").start();
        assertEquals(200, server.ping());
        assertAnswer(LOWERED, server.post("/models/b/invoke"));
        assertBroken(server.post("/models/a/invoke"), reason);
        assertEquals(404, server.post("/invocations").statusCode());
        assertReported("\n  a: ");
    }
}
