package io.bactrian.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.testing.TestModels;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The distribution in target/bactrian, called as a user and as SageMaker call it. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the start script needs a POSIX shell")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DistributionIT {

    private static final Path PROGRAM = Path.of("target/bactrian/bin/bactrian").toAbsolutePath();
    private static final Path MODELS = Path.of("src/examples/models").toAbsolutePath();
    private static final Path CASES = Path.of("src/examples/cases").toAbsolutePath();
    private static final Pattern READY =
            Pattern.compile("ready on (http://127\\.0\\.0\\.1:\\d+) after .*");

    @TempDir Path folder;

    private record Result(int exitCode, String out, String err) {}

    private ProcessBuilder program(String... arguments) {
        List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment()
                .keySet()
                .removeIf(
                        name ->
                                name.startsWith("BACTRIAN_")
                                        || name.startsWith("SAGEMAKER_")
                                        || name.startsWith("TF_"));
        builder.environment().put("BACTRIAN_HOST", "127.0.0.1");
        builder.environment().put("SAGEMAKER_BIND_TO_PORT", "0");
        return builder;
    }

    private Result run(String... arguments) throws Exception {
        Path out = folder.resolve("stdout");
        Path err = folder.resolve("stderr");
        Process process =
                program(arguments).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        int exitCode = process.waitFor();
        return new Result(exitCode, Files.readString(out), Files.readString(err));
    }

    /** Starts the server, waits until it is ready, asks it, and ends it. */
    private List<String> serve(ProcessBuilder builder) throws Exception {
        builder.environment().put("BACTRIAN_MODEL_DIR", MODELS.toString());
        builder.redirectError(folder.resolve("stderr").toFile());
        Process process = builder.start();
        try (BufferedReader reader = process.inputReader(UTF_8)) {
            List<String> lines = new ArrayList<>();
            Matcher ready = READY.matcher("");
            while (!ready.matches()) {
                String line = reader.readLine();
                assertNotNull(line, () -> "ended: " + lines + stderr());
                lines.add(line);
                ready = READY.matcher(line);
            }
            HttpRequest ping = HttpRequest.newBuilder(URI.create(ready.group(1) + "/ping")).build();
            HttpResponse<String> answer =
                    HttpClient.newHttpClient().send(ping, HttpResponse.BodyHandlers.ofString());
            assertEquals(200, answer.statusCode(), answer::body);

            process.destroy();
            assertEquals(143, process.waitFor(), this::stderr);
            return lines;
        } finally {
            process.destroyForcibly();
        }
    }

    private String stderr() {
        try {
            return Files.readString(folder.resolve("stderr"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void servesUntilSigterm() throws Exception {
        List<String> lines = serve(program("serve"));
        assertTrue(lines.get(0).startsWith("bactrian 0."), lines::toString);
        assertTrue(lines.contains("loading text-classification version 1"), () -> lines.toString());
    }

    /** Picocli would delay the start by a third of a second. */
    @Test
    void serveIsTheDefaultCommandAndLoadsNoPicocli() throws Exception {
        Path loaded = folder.resolve("loaded");
        ProcessBuilder builder = program();
        builder.environment().put("BACTRIAN_JAVA_OPTS", "-Xlog:class+load:file=" + loaded);
        serve(builder);
        String classes = Files.readString(loaded);
        assertTrue(classes.contains(" io.bactrian.command.Server "));
        assertFalse(classes.contains("picocli"));
    }

    @Test
    void serverThatCantStartSaysWhyAndExitsWith1() throws Exception {
        ProcessBuilder builder = program("serve");
        builder.environment().put("BACTRIAN_MODEL_DIR", folder.resolve("none").toString());
        Process process = builder.redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(1, process.waitFor());
        assertTrue(printed.contains("bactrian: there is no model directory " + folder), printed);
        assertFalse(printed.contains("\tat "), printed);
    }

    @Test
    void testSendsGoldenCases() throws Exception {
        Result result = run("test", MODELS.toString(), CASES.toString());
        assertEquals(0, result.exitCode(), result::err);
        assertEquals(
                """
                ok    image-classification/eight
                ok    image-classification/seven
                ok    image-classification/three
                ok    object-detection/scene
                ok    text-classification/ham
                ok    text-classification/spam
                6 passed, 0 failed
                """,
                withoutTimes(result.out()));
    }

    private static String withoutTimes(String out) {
        return out.replaceAll("  \\(\\d+ ms\\)", "");
    }

    @Test
    void testShowsDifferencesAndRecordsAnswers() throws Exception {
        Path cases = folder.resolve("cases/text-classification");
        Files.createDirectories(cases);
        Files.writeString(cases.resolve("a.request.json"), "{\"text\": \"hello\"}");
        Files.writeString(cases.resolve("a.expected.json"), "{\"predicted_class\": 1}");
        Files.writeString(cases.resolve("b.request.txt"), "hello");
        Result failed = run("test", MODELS.toString(), "cases");
        assertEquals(1, failed.exitCode(), failed::err);
        String refused =
                "status: expected 200, was 415 with \"{\"error\": \"pipeline"
                        + " \\\"text-classification\\\" takes application/json, not this"
                        + " Content-Type\"}\"";
        assertEquals(
                """
                FAIL  text-classification/a
                      $.predicted_class: expected 1, was 0
                FAIL  text-classification/b
                      %s
                route image-classification: 0 of 4 steps ran
                  not run: image-classification.camel.yaml:21: process[ref:#image]
                  not run: image-classification.camel.yaml:23: to[tensorflow:image-classification]
                  not run: image-classification.camel.yaml:25: process[ref:#bestDigit]
                  not run: image-classification.camel.yaml:27: marshal
                route object-detection: 0 of 4 steps ran
                  not run: object-detection.camel.yaml:22: process[ref:#imageData]
                  not run: object-detection.camel.yaml:24: to[tensorflow:object-detection]
                  not run: object-detection.camel.yaml:26: process[ref:#boxes]
                  not run: object-detection.camel.yaml:28: marshal
                route text-classification: 5 of 5 steps ran
                0 passed, 2 failed
                """
                        .formatted(refused),
                withoutTimes(failed.out()));
        Result updated = run("test", "--update", "--json", MODELS.toString(), "cases");
        assertEquals(1, updated.exitCode(), updated::err);
        JsonNode json = new ObjectMapper().readTree(updated.out());
        assertEquals(1, json.get("passed").asInt());
        assertEquals(1, json.get("failed").asInt());
        JsonNode a = json.get("cases").get(0);
        assertEquals("text-classification/a", a.get("name").asText());
        assertTrue(a.get("passed").asBoolean());
        assertEquals(200, a.get("status").asInt());
        assertTrue(a.get("milliseconds").isNumber());
        assertEquals(0, a.get("differences").size());
        assertEquals("cases/text-classification/a.expected.json", a.get("recorded").asText());
        JsonNode b = json.get("cases").get(1);
        assertFalse(b.get("passed").asBoolean());
        assertEquals(415, b.get("status").asInt());
        assertEquals(refused, b.get("differences").get(0).asText());
        assertTrue(b.get("recorded").isNull());
        assertEquals(
                "{\n  \"predicted_class\": 0\n}\n",
                Files.readString(cases.resolve("a.expected.json")));
    }

    @Test
    void testWithoutCasesFails() throws Exception {
        Result result = run("test", MODELS.toString());
        assertEquals(1, result.exitCode());
        assertEquals("", result.out());
        assertTrue(
                result.err()
                        .endsWith(
                                "bactrian: there are no golden cases in code/cases of the models in "
                                        + MODELS
                                        + ": name a folder, as in bactrian test MODEL_DIR"
                                        + " CASES_DIR\n"),
                result::err);
    }

    @Test
    void validatePrintsFaultsWithTheirPositions() throws Exception {
        Files.writeString(
                folder.resolve("a.camel.yaml"),
                "- route:\n    from: {uri: 'pipeline:a', steps: [{unmarshall: {json: {}}}]}\n");
        Files.writeString(folder.resolve("b.camel.yaml"), "- from: {uri: 'pipeline:b', steps: []}");

        Result text = run("validate", "a.camel.yaml", "b.camel.yaml");

        assertEquals(1, text.exitCode(), text::err);
        assertEquals(
                """
                a.camel.yaml:2:40: there is no step 'unmarshall'; did you mean 'unmarshal'?
                ok  b.camel.yaml
                2 files, 1 fault
                """,
                text.out());
        assertEquals("", text.err());

        Result json = run("validate", "--json", "a.camel.yaml");

        assertEquals(1, json.exitCode(), json::err);
        JsonNode report = new ObjectMapper().readTree(json.out());
        assertEquals("a.camel.yaml", report.at("/faults/0/file").asText());
        assertEquals(2, report.at("/faults/0/line").asInt());
        assertEquals(40, report.at("/faults/0/column").asInt());
        assertEquals(1, report.path("faults").size());
    }

    @Test
    void validateChecksPipelinesAgainstTheirModels() throws Exception {
        Result good = run("validate", "--models", MODELS.toString());

        assertEquals(0, good.exitCode(), good::err);
        assertTrue(good.out().endsWith("3 files, 0 faults\n"), good::out);

        Files.writeString(
                folder.resolve("a.camel.yaml"),
                """
                - beans:
                    - name: prepare
                      type: io.bactrian.preprocess.TextPreprocessor
                      properties:
                        field: text
                        input: words
                - route:
                    from:
                      uri: pipeline:a
                      steps:
                        - unmarshal: {json: {}}
                        - process: {ref: prepare}
                        - to: tensorflow:text-classification
                """);

        Result bad = run("validate", "--models", MODELS.toString(), "a.camel.yaml");

        assertEquals(1, bad.exitCode(), bad::err);
        assertEquals(
                """
                a.camel.yaml:6:9: prepare (TextPreprocessor): input is "words", but signature \
                "serving_default" of model "text-classification" has the input "text" string [-1]
                1 file, 1 fault
                """,
                bad.out());
    }

    @Test
    void initWritesARouteThatValidates() throws Exception {
        TestModels.copy(MODELS.resolve("text-classification"), folder.resolve("spam"));

        Result written = run("init", "spam");

        assertEquals(0, written.exitCode(), written::err);
        assertTrue(written.out().startsWith("wrote spam/code/spam.camel.yaml\n"), written::out);

        Result validated = run("validate", "--models", "spam");

        assertEquals(0, validated.exitCode(), validated::err);
        assertTrue(
                validated.out().endsWith("/spam/code/spam.camel.yaml\n1 file, 0 faults\n"),
                validated::out);
    }

    @Test
    void inspectPrintsSignatures() throws Exception {
        Result result = run("inspect", MODELS.resolve("text-classification").toString());
        assertEquals(0, result.exitCode(), result::err);
        assertEquals(
                """
                text-classification version 1 (served), %s/text-classification/1
                  signature "serve", method tensorflow/serving/predict
                    input  "text" string [-1] (serve_text:0)
                    output "output_0" float32 [-1, 2] (StatefulPartitionedCall:0)
                  signature "serving_default", method tensorflow/serving/predict
                    input  "text" string [-1] (serving_default_text:0)
                    output "output_0" float32 [-1, 2] (StatefulPartitionedCall_1:0)
                """
                        .formatted(MODELS),
                result.out());
    }

    @Test
    void inspectPrintsJson() throws Exception {
        String models = folder.toAbsolutePath().relativize(MODELS).toString();
        Result result = run("inspect", "--json", models);
        assertEquals(0, result.exitCode(), result::err);
        JsonNode json = new ObjectMapper().readTree(result.out());
        assertTrue(json.get("version").asText().startsWith("0."), result::out);
        assertEquals(models, json.get("directory").asText());
        assertEquals(0, json.get("warnings").size());
        assertEquals(3, json.get("models").size());
        JsonNode model = json.get("models").get(2);
        assertEquals("text-classification", model.get("name").asText());
        assertTrue(model.get("problem").isNull());
        JsonNode version = model.get("versions").get(0);
        assertEquals(1, version.get("version").asLong());
        assertEquals(models + "/text-classification/1", version.get("path").asText());
        assertTrue(version.get("served").asBoolean());
        assertTrue(version.get("remarks").isArray());
        JsonNode signature = version.get("signatures").get(1);
        assertEquals(
                new ObjectMapper()
                        .readTree(
                                """
                                {
                                  "name": "serving_default",
                                  "method": "tensorflow/serving/predict",
                                  "problem": null,
                                  "inputs": [{"name": "text", "tensor": "serving_default_text:0",
                                              "dtype": "string", "shape": [-1],
                                              "scaling": null}],
                                  "outputs": [{"name": "output_0",
                                               "tensor": "StatefulPartitionedCall_1:0",
                                               "dtype": "float32", "shape": [-1, 2],
                                               "scaling": null}],
                                  "batching": {"rowsIndependent": true, "reason": null}
                                }
                                """),
                signature);
    }

    @Test
    void inspectReportsAKerasFileAndExitsWith1() throws Exception {
        Files.createFile(Files.createDirectories(folder.resolve("km")).resolve("model.keras"));
        Result text = run("inspect", "km");
        assertEquals(1, text.exitCode());
        assertTrue(text.out().contains(".export(\"1\")"), text::out);
        Result json = run("inspect", "--json", "km");
        assertEquals(1, json.exitCode());
        JsonNode model = new ObjectMapper().readTree(json.out()).get("models").get(0);
        assertTrue(model.get("problem").asText().contains("km/model.keras is a Keras file"));
        assertEquals(0, model.get("versions").size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--json"})
    void inspectOfAMissingFolderPrintsToStderrOnly(String option) throws Exception {
        Result result = option.isEmpty() ? run("inspect", "none") : run("inspect", option, "none");
        assertEquals(new Result(1, "", "bactrian: no model directory none\n"), result);
    }

    @Test
    void helpListsCommandsSettingsAndExitCodes() throws Exception {
        Result result = run("--help");
        assertEquals(0, result.exitCode(), result::err);
        for (String expected :
                List.of(
                        "Usage: bactrian",
                        "  serve ",
                        "  inspect ",
                        "  init ",
                        "  143 ",
                        "BACTRIAN_MODEL_DIR",
                        "SAGEMAKER_BIND_TO_PORT")) {
            assertTrue(result.out().contains(expected), () -> expected + " in " + result.out());
        }
        assertEquals("", result.err());
        result.out().lines().forEach(line -> assertTrue(line.length() <= 100, line));
    }

    @Test
    void helpOfACommandIsTheSameBothWays() throws Exception {
        Result result = run("help", "inspect");
        assertEquals(0, result.exitCode(), result::err);
        assertTrue(result.out().startsWith("Usage: bactrian inspect "), result::out);
        assertTrue(result.out().contains("--json"), result::out);
        assertEquals(result, run("inspect", "--help"));
    }

    @Test
    void printsVersion() throws Exception {
        Result result = run("--version");
        assertEquals(0, result.exitCode());
        assertTrue(result.out().matches("bactrian \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\R"), result::out);
    }

    @Test
    void printsACompletionScript() throws Exception {
        Result result = run("generate-completion");
        assertEquals(0, result.exitCode(), result::err);
        assertTrue(result.out().startsWith("#!/usr/bin/env bash"), result::out);
        assertTrue(result.out().contains("inspect"), result::out);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "serv                | unknown command 'serv'; did you mean 'serve'?",
                "help inspct         | unknown command 'inspct'; did you mean 'inspect'?",
                "frobnicate          | unknown command 'frobnicate'",
                "--verson            | unknown option '--verson'; did you mean '--version'?",
                "inspect --jsn x     | unknown option '--jsn'; did you mean '--json'?",
                "inspect             | missing required parameter: 'MODEL_DIR'",
                "init                | missing required parameter: 'MODEL_DIR'",
                "validate            | name route files, or the models with --models",
                "inspect a b         | unexpected argument 'b'",
                "serve a             | unexpected argument 'a'",
            })
    void wrongArgumentsAreExplainedAndExitWith2(String arguments, String explanation)
            throws Exception {
        Result result = run(arguments.split(" +"));
        assertEquals(2, result.exitCode(), result::err);
        assertEquals("", result.out());
        List<String> lines = result.err().lines().toList();
        assertEquals("bactrian: " + explanation, lines.get(0));
        assertTrue(lines.get(1).startsWith("Usage: bactrian"), result::err);
        assertTrue(lines.get(2).endsWith("--help'."), result::err);
        assertEquals(3, lines.size(), result::err);
    }
}
