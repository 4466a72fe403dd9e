package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;

/**
 * A file of request sequences by model, with Python's answers: {@code {"model": [{"request": …,
 * "answer": …}, {"request": …, "status": 400}]}}.
 */
final class ExpectedAnswers {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double TOLERANCE = 1e-5;

    private ExpectedAnswers() {}

    /** Sends a file's requests one after another, and compares the answers. */
    static void check(Path file, HttpClientFor http) throws IOException {
        JsonNode models = JSON.readTree(file.toFile());
        assertTrue(models.size() > 0);
        for (Map.Entry<String, JsonNode> model : models.properties()) {
            int index = 0;
            for (JsonNode step : model.getValue()) {
                HttpResponse<String> answer =
                        http.post(
                                "/models/" + model.getKey() + "/invoke",
                                step.get("request").toString());
                String which = model.getKey() + ", request " + index++ + ": " + answer.body();
                JsonNode body = JSON.readTree(answer.body());
                if (step.has("status")) {
                    assertEquals(step.get("status").asInt(), answer.statusCode(), which);
                    assertTrue(body.get("error").isTextual(), which);
                } else {
                    assertEquals(200, answer.statusCode(), which);
                    agree(step.get("answer"), body, which);
                }
            }
        }
    }

    private static void agree(JsonNode expected, JsonNode actual, String which) {
        assertEquals(expected.getNodeType(), actual.getNodeType(), which);
        assertEquals(expected.size(), actual.size(), which);
        if (expected.isNumber()) {
            double tolerance = TOLERANCE * Math.max(1, Math.abs(expected.asDouble()));
            assertEquals(expected.asDouble(), actual.asDouble(), tolerance, which);
        } else if (expected.isObject()) {
            expected.fieldNames()
                    .forEachRemaining(name -> agree(expected.get(name), actual.get(name), which));
        } else if (expected.isArray()) {
            for (int i = 0; i < expected.size(); i++) {
                agree(expected.get(i), actual.get(i), which);
            }
        } else {
            assertEquals(expected, actual, which);
        }
    }
}
