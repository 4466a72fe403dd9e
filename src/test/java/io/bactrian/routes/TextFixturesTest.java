package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.container.ContainerConfig;
import io.bactrian.invocation.Answer;
import io.bactrian.serving.LocalPipelines;
import io.bactrian.testing.Fixtures;
import io.bactrian.testing.TestModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pretrained models of texts, by YAML alone. */
class TextFixturesTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path folder;

    private LocalPipelines load(String model, String version, String yaml) throws IOException {
        TestModels.copy(
                Fixtures.path(model).resolve(version), folder.resolve(model).resolve(version));
        Files.createDirectories(folder.resolve(model).resolve("code"));
        Files.writeString(folder.resolve(model).resolve("code/route.camel.yaml"), yaml);
        LocalPipelines pipelines =
                new LocalPipelines(
                        ContainerConfig.of(Map.of("BACTRIAN_MODEL_DIR", folder.toString()))
                                .serving());
        pipelines.load();
        assertEquals(List.of(), pipelines.loaded().faults());
        return pipelines;
    }

    private static JsonNode send(LocalPipelines pipelines, String pipeline, byte[] body)
            throws IOException {
        Answer answer =
                pipelines.send(pipeline, Map.of("Content-Type", List.of("text/plain")), body);
        String text = new String(answer.body(), StandardCharsets.UTF_8);
        assertEquals(200, answer.status(), text);
        return JSON.readTree(text);
    }

    /** The accuracy on every fifth message, which were held out, is that of MODEL.md. */
    @ParameterizedTest
    @CsvSource({"1, 0.983", "2, 0.975"})
    void everyMessageIsLabelled(String version, double accuracy) throws IOException {
        String yaml =
                """
                - beans:
                    - name: messages
                      type: io.bactrian.preprocess.TextPreprocessor
                      properties:
                        {field: "", lines: true, column: 1, caseFolding: NONE, maxTexts: 10000}
                    - name: spam
                      type: io.bactrian.postprocess.ArgMaxPostprocessor
                      properties: {output: probabilities, labelsOutput: classes, field: "",
                                   labelField: ""}
                - route:
                    from:
                      uri: pipeline:spam
                      parameters: {consumes: text/plain, produces: application/json}
                      steps:
                        - process: {ref: "#messages"}
                        - to: {uri: "tensorflow:self"}
                        - process: {ref: "#spam"}
                        - marshal: {json: {}}
                """;
        Path messages = Fixtures.path("texts/SMSSpamCollection.tsv");
        List<String> labels = new ArrayList<>();
        for (String line : Files.readAllLines(messages)) {
            labels.add(line.substring(0, line.indexOf('\t')));
        }
        try (LocalPipelines pipelines = load("sms-spam", version, yaml)) {
            JsonNode answers = send(pipelines, "spam", Files.readAllBytes(messages));
            assertEquals(labels.size(), answers.size());
            int[] right = new int[5];
            int[] all = new int[5];
            for (int i = 0; i < labels.size(); i++) {
                all[i % 5]++;
                right[i % 5] += labels.get(i).equals(answers.get(i).asText()) ? 1 : 0;
            }
            List<Double> rates = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                rates.add(Math.round(1000.0 * right[i] / all[i]) / 1000.0);
            }
            assertTrue(rates.contains(accuracy), rates::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    void sourceFilesAreToldByTheirLanguage(String version) throws IOException {
        String yaml =
                """
                - beans:
                    - name: code
                      type: io.bactrian.preprocess.TextPreprocessor
                      properties: {field: "", caseFolding: NONE}
                    - name: language
                      type: io.bactrian.postprocess.TopKPostprocessor
                      properties: {k: 3, output: scores, labelsOutput: classes, field: "",
                                   classField: ""}
                - route:
                    from:
                      uri: pipeline:language
                      parameters: {consumes: text/plain, produces: application/json}
                      steps:
                        - process: {ref: "#code"}
                        - to: {uri: "tensorflow:self"}
                        - process: {ref: "#language"}
                        - marshal: {json: {}}
                """;
        int right = 0;
        int all = 0;
        try (LocalPipelines pipelines = load("guesslang", version, yaml);
                Stream<Path> files = Files.walk(Path.of("src"))) {
            for (Path file :
                    files.filter(each -> each.toString().matches(".*model.*\\.java|.*\\.py"))
                            .sorted()
                            .toList()) {
                JsonNode best = send(pipelines, "language", Files.readAllBytes(file)).get(0);
                all++;
                right += file.toString().endsWith("." + best.path("label").asText()) ? 1 : 0;
            }
        }
        assertTrue(all > 50);
        assertTrue(right >= 0.95 * all, right + " of " + all);
    }
}
