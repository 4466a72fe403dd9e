package io.bactrian.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.cases.JsonDifferences;
import io.bactrian.container.ContainerConfig;
import io.bactrian.invocation.Answer;
import io.bactrian.serving.LocalPipelines;
import io.bactrian.testing.Fixtures;
import io.bactrian.testing.TestModels;
import io.bactrian.validation.RouteValidator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TInt64;

class InitCommandTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path EXAMPLES = Path.of("src/examples/models");
    private static final Path MODELS = Path.of("src/test/resources/models");
    private static final Pattern INLINE_BODY =
            Pattern.compile("-H 'Content-Type: application/json' -d '([^\n]*)'\n");

    @TempDir Path folder;

    private record Result(int exitCode, String out, String err) {}

    private static Result run(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode =
                BactrianCommand.run(
                        args,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Result(
                exitCode,
                out.toString(StandardCharsets.UTF_8),
                err.toString(StandardCharsets.UTF_8));
    }

    private static LocalPipelines load(Path models) {
        LocalPipelines pipelines =
                new LocalPipelines(
                        ContainerConfig.of(
                                        Map.of(
                                                "BACTRIAN_MODEL_DIR",
                                                models.toString(),
                                                "BACTRIAN_OPTIMIZE",
                                                "false",
                                                "SAGEMAKER_MODEL_SERVER_TIMEOUT",
                                                "5"))
                                .serving());
        pipelines.load();
        return pipelines;
    }

    private static void assertFaultless(LocalPipelines pipelines, int files) {
        List<Path> read = pipelines.loaded().files();
        assertEquals(files, read.size());
        new RouteValidator()
                .validate(read, pipelines.loaded().faults())
                .values()
                .forEach(faults -> assertEquals(List.of(), faults));
        assertEquals(List.of(), pipelines.loaded().faults());
    }

    private static JsonNode send(
            LocalPipelines pipelines, String pipeline, String type, byte[] body)
            throws IOException {
        Answer answer = pipelines.send(pipeline, Map.of("Content-Type", List.of(type)), body);
        String text = new String(answer.body(), StandardCharsets.UTF_8);
        assertEquals(200, answer.status(), text);
        return JSON.readTree(text);
    }

    private static JsonNode send(LocalPipelines pipelines, String pipeline, String json)
            throws IOException {
        return send(pipelines, pipeline, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    /** {@return the body of the request that the route file says to try; null if it is a file} */
    private static String sample(Path routeFile) throws IOException {
        Matcher matcher = INLINE_BODY.matcher(Files.readString(routeFile));
        return matcher.find() ? matcher.group(1) : null;
    }

    @Test
    void writesARouteForEachExample() throws Exception {
        TestModels.copy(EXAMPLES, folder.resolve("models"));
        Path models = folder.resolve("models");

        Result result = run("init", models.toString());

        assertEquals(0, result.exitCode(), result::err);
        String at = models.toString();
        assertEquals(
                """
                wrote %s/image-classification/code/image-classification.camel.yaml
                wrote %s/object-detection/code/object-detection.camel.yaml
                wrote %s/text-classification/code/text-classification.camel.yaml
                Look at the guesses in there. Then:
                  bactrian validate --models %s
                  BACTRIAN_MODEL_DIR=%s bactrian serve
                  curl -s localhost:8080/models/image-classification/invoke \
                -H 'Content-Type: image/jpeg' --data-binary @image.jpg
                  curl -s localhost:8080/models/object-detection/invoke \
                -H 'Content-Type: image/jpeg' --data-binary @image.jpg
                  curl -s localhost:8080/models/text-classification/invoke \
                -H 'Content-Type: application/json' -d '{"text": "a text"}'
                """
                        .formatted(at, at, at, at, at),
                result.out());
        try (LocalPipelines pipelines = load(models)) {
            assertFaultless(pipelines, 3);
            byte[] three =
                    Files.readAllBytes(
                            Path.of("src/examples/cases/image-classification/three.request.jpg"));
            assertEquals(
                    JSON.readTree("{\"predicted_class\": 3}"),
                    send(pipelines, "image-classification", "image/jpeg", three));
            assertTrue(
                    send(pipelines, "object-detection", "image/jpeg", three)
                            .get("detections")
                            .isArray());
            JsonNode spam =
                    send(
                            pipelines,
                            "text-classification",
                            "{\"text\": \"URGENT! You have won a prize. Call now to claim\"}");
            assertEquals("spam", spam.at("/predictions/0/label").asText());
        }
    }

    @Test
    void writesNothingWhereARouteIs() throws Exception {
        Path model = TestModels.halfPlusTwo(folder.resolve("m/1")).getParent();
        Path own = Files.createDirectories(model.resolve("code")).resolve("own.camel.yaml");
        Files.writeString(own, "# mine\n");

        Result result = run("init", model.toString());

        assertEquals(new Result(0, "model \"m\" has " + own + " already\n", ""), result);
        assertEquals("# mine\n", Files.readString(own));
        assertEquals(List.of(own), files(model.resolve("code")));
    }

    @Test
    void printsInsteadWithStdout() throws Exception {
        Path model = TestModels.halfPlusTwo(folder.resolve("m/1")).getParent();

        Result result = run("init", "--stdout", model.toString());

        assertEquals(0, result.exitCode(), result::err);
        assertFalse(Files.exists(model.resolve("code")));
        assertTrue(
                result.out().startsWith("# " + model + "/code/m.camel.yaml\n# Written by"),
                result::out);
        run("init", model.toString());
        assertEquals(
                result.out(),
                "# "
                        + model
                        + "/code/m.camel.yaml\n"
                        + Files.readString(model.resolve("code/m.camel.yaml")));
    }

    @Test
    void reportsABrokenModelAndWritesForTheOthers() throws Exception {
        TestModels.halfPlusTwo(folder.resolve("good/1"));
        Files.createDirectories(folder.resolve("bad/1"));
        Files.writeString(folder.resolve("bad/1/saved_model.pb"), "no model");

        Result result = run("init", folder.toString());

        assertEquals(1, result.exitCode());
        assertTrue(result.err().startsWith("bactrian: model \"bad\": "), result::err);
        assertTrue(Files.exists(folder.resolve("good/code/good.camel.yaml")));
        assertFalse(Files.exists(folder.resolve("bad/code")));
    }

    @Test
    void saysWhyAFileCantBeWritten() throws Exception {
        Path model = TestModels.halfPlusTwo(folder.resolve("m/1")).getParent();
        Files.writeString(model.resolve("code"), "a file in its place");

        Result result = run("init", model.toString());

        assertEquals(1, result.exitCode());
        assertEquals("", result.out());
        assertTrue(
                result.err().startsWith("bactrian: model \"m\": can't write " + model),
                result::err);
    }

    /** A pipeline's name is part of a URI. */
    @Test
    void namesOfFoldersBecomeNamesOfPipelines() throws Exception {
        Path model = TestModels.halfPlusTwo(folder.resolve("my model?/1")).getParent();

        assertEquals(0, run("init", model.toString()).exitCode());

        try (LocalPipelines pipelines = load(model)) {
            assertFaultless(pipelines, 1);
            assertEquals(
                    JSON.readTree("{\"predictions\": [2.5]}"),
                    send(pipelines, "my-model-", "{\"instances\": [1.0]}"));
        }
    }

    @Test
    void signatureThatIsNotTheDefaultIsNamed() throws Exception {
        Path model = TestModels.sumAndProduct(folder.resolve("m/1")).getParent();
        TestModels.copySignature(model.resolve("1"), "negate", "other");
        TestModels.removeSignature(model.resolve("1"), "serving_default");

        assertEquals(0, run("init", model.toString()).exitCode());

        try (LocalPipelines pipelines = load(model)) {
            assertFaultless(pipelines, 1);
            assertEquals(
                    JSON.readTree("{\"predictions\": [-2.0]}"),
                    send(pipelines, "m", "{\"instances\": [2.0]}"));
        }
    }

    @Test
    void textsOfATokenizerAreAnswered() throws Exception {
        Path model =
                TestModels.identity(folder.resolve("m/1"), TInt64.class, Shape.of(-1, -1))
                        .getParent();
        Files.createDirectories(model.resolve("1/assets"));
        Files.copy(
                Path.of("src/test/resources/tokenizers/word-piece.json"),
                model.resolve("1/assets/tokenizer.json"));

        assertEquals(0, run("init", model.toString()).exitCode());

        try (LocalPipelines pipelines = load(model)) {
            assertFaultless(pipelines, 1);
            JsonNode answer = send(pipelines, "m", sample(model.resolve("code/m.camel.yaml")));
            assertTrue(answer.at("/predictions/0").size() > 2, answer::toString);
        }
    }

    /** What starts answers the request that the file says to try, except for files' contents. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "endless",
                "int8-weights",
                "keras3-module",
                "keras3-saved",
                "reference-variables",
                "side-effects"
            })
    void routesOfTestModelsStartAndAnswer(String name) throws Exception {
        TestModels.copy(MODELS.resolve(name), folder.resolve(name));

        Result result = run("init", folder.resolve(name).toString());

        assertEquals(0, result.exitCode(), result::err);
        try (LocalPipelines pipelines = load(folder.resolve(name))) {
            assertFaultless(pipelines, 1);
            String sample = sample(folder.resolve(name + "/code/" + name + ".camel.yaml"));
            assertNotNull(sample);
            JsonNode answer = send(pipelines, name, sample);
            assertEquals(1, answer.get("predictions").size(), answer::toString);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    /** Each version of a fixture as a model of its own, so that each is loaded. */
    private Path fixture(String name, String version) throws IOException {
        Path fixture = Fixtures.path(name);
        Path model = folder.resolve(name);
        TestModels.copy(fixture.resolve(version), model.resolve(version));
        for (Path file : files(fixture)) {
            if (Files.isRegularFile(file)) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
        Result result = run("init", model.toString());
        assertEquals(0, result.exitCode(), result::err);
        return model;
    }

    @ParameterizedTest
    @CsvSource({"half-plus-two,1", "half-plus-two,2", "half-plus-three,1"})
    void numbersOfFixturesAreAnswered(String name, String version) throws Exception {
        Path model = fixture(name, version);
        try (LocalPipelines pipelines = load(model)) {
            assertFaultless(pipelines, 1);
            String sample = sample(model.resolve("code/" + name + ".camel.yaml"));
            assertNotNull(sample);
            JsonNode answer = send(pipelines, name, sample);
            double expected = name.equals("half-plus-two") ? 2.5 : 3.5;
            assertTrue(answer.toString().contains(String.valueOf(expected)), answer::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "imagenet-mobilenet-v1-025-128,1",
        "imagenet-mobilenet-v2,1",
        "imagenet-mobilenet-v2,2"
    })
    void imagesAreClassified(String name, String version) throws Exception {
        Path model = fixture(name, version);
        byte[] cat = Files.readAllBytes(Fixtures.path("images/plain/chelsea.jpg"));
        try (LocalPipelines pipelines = load(model)) {
            assertFaultless(pipelines, 1);
            JsonNode best = send(pipelines, name, "image/jpeg", cat).at("/predictions/0");
            assertEquals("Egyptian cat", best.path("label").asText(), best::toString);
            double expected = name.endsWith("v2") ? 0.794 : 0.491;
            assertEquals(expected, best.path("score").asDouble(), 0.1, best::toString);
        }
    }

    @Test
    void objectsAreDetected() throws Exception {
        Path model = fixture("coco-nanodet", "1");
        byte[] pets = Files.readAllBytes(Fixtures.path("images/plain/pets.jpg"));
        try (LocalPipelines pipelines = load(model)) {
            assertFaultless(pipelines, 1);
            JsonNode best = send(pipelines, "coco-nanodet", "image/jpeg", pets).at("/detections/0");
            assertEquals("dog", best.path("label").asText(), best::toString);
            assertEquals(0.731, best.path("confidence").asDouble(), 0.02, best::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({"1,0.198", "2,0.999"})
    void messagesAreClassified(String version, double probability) throws Exception {
        Path model = fixture("sms-spam", version);
        try (LocalPipelines pipelines = load(model)) {
            assertFaultless(pipelines, 1);
            JsonNode answer =
                    send(pipelines, "sms-spam", "{\"text\": \"free prize call now\"}")
                            .at("/predictions/0");
            assertEquals("spam", answer.at("/classes/1").asText(), answer::toString);
            assertEquals(probability, answer.at("/probabilities/1").asDouble(), 1e-3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    void languagesAreTold(String version) throws Exception {
        Path model = fixture("guesslang", version);
        String code = Files.readString(Path.of("src/main/java/io/bactrian/Bactrian.java"));
        try (LocalPipelines pipelines = load(model)) {
            assertFaultless(pipelines, 1);
            JsonNode answer =
                    send(pipelines, "guesslang", JSON.writeValueAsString(Map.of("text", code)))
                            .at("/predictions/0");
            int best = 0;
            for (int i = 0; i < answer.get("scores").size(); i++) {
                if (answer.at("/scores/" + i).asDouble()
                        > answer.at("/scores/" + best).asDouble()) {
                    best = i;
                }
            }
            assertEquals("java", answer.at("/classes/" + best).asText(), answer::toString);
        }
    }

    /**
     * The requests of the model kinds are answered as Python answers them. The route runs one
     * signature: a request that names another one is refused.
     */
    @Test
    void modelKindsAreAnswered() throws Exception {
        Path kinds = Fixtures.path("model-kinds");
        JsonNode expected = JSON.readTree(kinds.resolve("expected.json").toFile());
        for (String name : (Iterable<String>) expected::fieldNames) {
            TestModels.copy(kinds.resolve(name), folder.resolve("models/" + name));
        }
        Path models = folder.resolve("models");
        Result result = run("init", models.toString());
        assertEquals(0, result.exitCode(), result::err);
        int answered = 0;
        int refused = 0;
        try (LocalPipelines pipelines = load(models)) {
            assertFaultless(pipelines, expected.size());
            for (Map.Entry<String, JsonNode> model : expected.properties()) {
                for (JsonNode step : model.getValue()) {
                    byte[] body = step.get("request").toString().getBytes(StandardCharsets.UTF_8);
                    Answer answer =
                            pipelines.send(
                                    model.getKey(),
                                    Map.of("Content-Type", List.of("application/json")),
                                    body);
                    String text = new String(answer.body(), StandardCharsets.UTF_8);
                    if (step.get("request").has("signature_name")) {
                        assertEquals(400, answer.status(), text);
                        refused++;
                        // What follows depends on what this request would have changed.
                        break;
                    }
                    assertEquals(step.path("status").asInt(200), answer.status(), text);
                    if (step.has("answer")) {
                        assertEquals(
                                List.of(),
                                JsonDifferences.between(
                                        step.get("answer"), JSON.readTree(text), 1e-5),
                                model.getKey());
                    }
                    answered++;
                }
            }
        }
        assertEquals(2, refused);
        assertEquals(37, answered);
    }
}
