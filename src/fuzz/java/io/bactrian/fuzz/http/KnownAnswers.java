package io.bactrian.fuzz.http;

import io.bactrian.cases.CaseResult;
import io.bactrian.cases.GoldenCase;
import io.bactrian.cases.GoldenCases;
import io.bactrian.invocation.Answer;
import io.bactrian.invocation.RequestHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The examples' golden cases: their answers stay right whatever else is sent. */
final class KnownAnswers {

    private static final Path CASES = Path.of("src/examples/cases");

    /** Stands for a connection that was closed without an answer. */
    private static final Answer NONE = new Answer(0, Map.of(), new byte[0]);

    private final List<GoldenCase> cases = GoldenCases.in(CASES, null);
    private int next;

    int size() {
        return cases.size();
    }

    /**
     * Sends the next of them.
     *
     * @return what is wrong with the answer; null if nothing is, or the server is busy
     */
    String ask(int port, Duration deadline) throws IOException {
        GoldenCase example = cases.get(next++ % cases.size());
        try {
            CaseResult result =
                    example.run((name, headers, body) -> send(port, deadline, name, headers, body));
            return result.isPassed() || result.answer().status() == 503 ? null : result.describe();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static Answer send(
            int port,
            Duration deadline,
            String pipeline,
            Map<String, List<String>> headers,
            byte[] body) {
        String head =
                "POST /models/%s/invoke HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
                        .formatted(
                                pipeline,
                                RequestHeaders.of(headers).first("Content-Type"),
                                body.length);
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(body);
        try (RawConnection connection = new RawConnection(port, deadline)) {
            connection.send(request.toByteArray());
            RawResponse response = connection.read(false);
            return response == null
                    ? NONE
                    : new Answer(
                            response.status(),
                            Map.of("Content-Type", List.of("application/json")),
                            response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
