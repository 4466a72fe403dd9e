package io.bactrian.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.container.ContainerConfig;
import io.bactrian.invocation.Answer;
import io.bactrian.serving.LocalPipelines;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Fixtures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A detector by YAML alone, on every plain image of the fixtures: the boxes are those that
 * make_nanodet_answers.py has recorded.
 */
class NanodetFixtureTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String ROUTE =
            """
            - beans:
                - name: pixels
                  type: io.bactrian.preprocess.ImagePreprocessor
                  properties: {fit: NONE, keepImages: true}
                - name: objects
                  type: io.bactrian.postprocess.DetectionApiPostprocessor
                  properties: {threshold: 0.4, answerCoordinates: original, labelsFile: LABELS}
            - route:
                from:
                  uri: pipeline:objects
                  parameters: {consumes: "image/*", produces: "application/json,image/jpeg"}
                  steps:
                    - process: {ref: pixels}
                    - to: tensorflow:coco-nanodet
                    - process: {ref: objects}
                    - marshal: {json: {}}
            """;

    @TempDir Path routes;

    @Test
    void everyPlainImageHasItsObjects() throws IOException {
        Path model = Fixtures.path("coco-nanodet");
        Files.writeString(
                routes.resolve("objects.camel.yaml"),
                ROUTE.replace("LABELS", model.resolve("labels.tsv").toAbsolutePath().toString()));
        JsonNode expected;
        try (InputStream in =
                NanodetFixtureTest.class.getResourceAsStream("/detections/nanodet.json")) {
            expected = JSON.readTree(in);
        }
        Set<String> images;
        try (Stream<Path> files = Files.list(Fixtures.path("images/plain"))) {
            images =
                    files.map(each -> each.getFileName().toString())
                            .collect(Collectors.toCollection(TreeSet::new));
        }
        Set<String> recorded = new TreeSet<>();
        expected.fieldNames().forEachRemaining(recorded::add);
        assertEquals(recorded, images);
        try (LocalPipelines pipelines =
                new LocalPipelines(
                        ContainerConfig.of(
                                        Map.of(
                                                "BACTRIAN_MODEL_DIR", model.toString(),
                                                "BACTRIAN_ROUTES_DIR", routes.toString()))
                                .serving())) {
            pipelines.load();
            assertEquals(List.of(), pipelines.loaded().faults());
            long open = NamedTensors.open();
            for (String image : recorded) {
                check(pipelines, image, expected.get(image));
            }
            assertTrue(NamedTensors.open() <= open);
        }
    }

    private static void check(LocalPipelines pipelines, String image, JsonNode expected)
            throws IOException {
        byte[] body = Files.readAllBytes(Fixtures.path("images/plain/" + image));
        Answer answer = send(pipelines, image, "application/json", body);
        JsonNode found = JSON.readTree(answer.body()).get("detections");
        assertEquals(expected.size(), found.size(), image + ": " + found);
        for (int i = 0; i < expected.size(); i++) {
            JsonNode wanted = expected.get(i);
            JsonNode got = found.get(i);
            String at = image + "[" + i + "]: " + got;
            assertEquals(wanted.get("label"), got.get("label"), at);
            assertEquals(wanted.get("class_id"), got.get("class_id"), at);
            assertEquals(
                    wanted.get("confidence").asDouble(),
                    got.get("confidence").asDouble(),
                    0.002,
                    at);
            String[] corners = {"xmin", "ymin", "xmax", "ymax"};
            for (int c = 0; c < corners.length; c++) {
                assertEquals(
                        wanted.get("box").get(c).asDouble(), got.get(corners[c]).asDouble(), 1, at);
            }
        }
        byte[] drawn = send(pipelines, image, "image/jpeg", body).body();
        assertTrue(drawn.length > 1000 && drawn[0] == (byte) 0xff && drawn[1] == (byte) 0xd8);
    }

    private static Answer send(LocalPipelines pipelines, String image, String accept, byte[] body) {
        String type = image.endsWith("png") ? "image/png" : "image/jpeg";
        Answer answer =
                pipelines.send(
                        "objects",
                        Map.of("Content-Type", List.of(type), "Accept", List.of(accept)),
                        body);
        assertEquals(200, answer.status(), () -> image + ": " + new String(answer.body()));
        return answer;
    }
}
