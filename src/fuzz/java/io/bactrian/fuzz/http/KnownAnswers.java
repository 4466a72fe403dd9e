package io.bactrian.fuzz.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The examples' requests, whose answers are known: they stay right whatever else is sent. */
final class KnownAnswers {

    private static final Path REQUESTS = Path.of("src/examples/requests");
    private static final double TOLERANCE = 1e-5;

    private record Known(String name, byte[] request, JsonNode answer) {}

    private final ObjectMapper mapper = new ObjectMapper();
    private final List<Known> known = new ArrayList<>();
    private int next;

    KnownAnswers() throws IOException {
        for (JsonNode entry : mapper.readTree(REQUESTS.resolve("expected.json").toFile())) {
            String name = entry.get("file").asText();
            byte[] body = Files.readAllBytes(REQUESTS.resolve(name));
            String head =
                    "POST /models/%s/invoke HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\n"
                                    .formatted(
                                            entry.get("pipeline").asText(),
                                            entry.get("content_type").asText())
                            + "Content-Length: "
                            + body.length
                            + "\r\n\r\n";
            ByteArrayOutputStream request = new ByteArrayOutputStream();
            request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
            request.writeBytes(body);
            known.add(new Known(name, request.toByteArray(), entry.get("answer")));
        }
    }

    int size() {
        return known.size();
    }

    /**
     * Sends the next of them.
     *
     * @return what is wrong with the answer; null if nothing is, or the server is busy
     */
    String ask(int port, Duration deadline) throws IOException {
        Known example = known.get(next++ % known.size());
        try (RawConnection connection = new RawConnection(port, deadline)) {
            connection.send(example.request());
            RawResponse response = connection.read(false);
            if (response == null) {
                return example.name() + ": no answer";
            }
            if (response.status() == 503) {
                return null;
            }
            String body = new String(response.body(), StandardCharsets.UTF_8);
            if (response.status() != 200 || !same(example.answer(), mapper.readTree(body))) {
                return example.name() + ": " + response.status() + " " + body;
            }
            return null;
        }
    }

    private static boolean same(JsonNode a, JsonNode b) {
        if (a.isNumber() && b.isNumber()) {
            return Math.abs(a.asDouble() - b.asDouble()) <= TOLERANCE;
        }
        if (a.size() != b.size() || a.getNodeType() != b.getNodeType()) {
            return false;
        }
        if (a.isArray()) {
            for (int i = 0; i < a.size(); i++) {
                if (!same(a.get(i), b.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (a.isObject()) {
            for (Iterator<String> names = a.fieldNames(); names.hasNext(); ) {
                String name = names.next();
                if (!b.has(name) || !same(a.get(name), b.get(name))) {
                    return false;
                }
            }
            return true;
        }
        return a.equals(b);
    }
}
