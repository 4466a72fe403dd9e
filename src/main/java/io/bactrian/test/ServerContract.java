package io.bactrian.test;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.bactrian.cases.CaseResult;
import io.bactrian.cases.GoldenCase;
import io.bactrian.container.Container;
import io.bactrian.container.http.RequestTarget;
import io.bactrian.invocation.Answer;
import io.bactrian.invocation.RequestSender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.opentest4j.AssertionFailedError;

/**
 * The contract of a container with any pipelines, as tests over HTTP:
 *
 * <ul>
 *   <li>golden cases have the same answers over HTTP as without it;
 *   <li>{@code GET /ping} is answered 200 within two seconds, SageMaker's limit, while as many
 *       requests are sent as the pipelines can take and more;
 *   <li>when the container stops under load, each request that it has taken is answered, with its
 *       answer or 503, and none is cut off.
 * </ul>
 */
final class ServerContract {

    private static final int CLIENTS = 16;
    private static final int REQUESTS = 20;
    private static final Duration PING_LIMIT = Duration.ofSeconds(2);

    /** So that what is never answered fails, and does not hang. */
    private static final Duration ANSWER_LIMIT = Duration.ofMinutes(5);

    private final Callable<Container> server;
    private final List<GoldenCase> cases;

    /**
     * @param server starts a container
     * @param cases requests that are served
     */
    ServerContract(Callable<Container> server, List<GoldenCase> cases) {
        this.server = server;
        this.cases = cases;
    }

    Stream<DynamicTest> tests() {
        return Stream.of(
                dynamicTest("answers golden cases over HTTP", this::answersGoldenCases),
                dynamicTest("answers /ping under load", this::answersPingUnderLoad),
                dynamicTest("answers what it has taken when it stops", this::drains));
    }

    /** A container's HTTP client. */
    private static final class Client implements RequestSender {

        private final HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final String address;

        Client(Container container) {
            this.address = "http://127.0.0.1:" + container.port();
        }

        @Override
        public Answer send(
                @Nullable String pipeline, Map<String, List<String>> headers, byte[] body) {
            String path =
                    pipeline == null
                            ? "/invocations"
                            : "/models/" + RequestTarget.escape(pipeline) + "/invoke";
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(address + path))
                            .timeout(ANSWER_LIMIT)
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
            headers.forEach((name, values) -> values.forEach(value -> request.header(name, value)));
            HttpResponse<byte[]> response = exchange(request.build());
            return new Answer(response.statusCode(), response.headers().map(), response.body());
        }

        int ping() {
            return exchange(
                            HttpRequest.newBuilder(URI.create(address + "/ping"))
                                    .timeout(PING_LIMIT)
                                    .build())
                    .statusCode();
        }

        private HttpResponse<byte[]> exchange(HttpRequest request) {
            try {
                return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            } catch (IOException e) {
                throw new UncheckedIOException(request.uri() + ": " + e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    private void answersGoldenCases() throws Exception {
        try (Container container = server.call()) {
            Client client = new Client(container);
            for (GoldenCase each : cases) {
                CaseResult result = each.run(client);
                if (!result.isPassed()) {
                    throw new AssertionFailedError("over HTTP: " + result.describe());
                }
            }
        }
    }

    private void answersPingUnderLoad() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try (Container container = server.call()) {
            Client client = new Client(container);
            List<Future<Integer>> load = load(client, threads, REQUESTS);
            int pings = 0;
            while (pings == 0 || load.stream().anyMatch(each -> !each.isDone())) {
                int status = client.ping();
                if (status != 200) {
                    throw new AssertionFailedError("GET /ping under load", 200, status);
                }
                pings++;
            }
            for (Future<Integer> each : load) {
                checkServedOrRefused(each.get());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void drains() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<Integer>> load;
            try (Container container = server.call()) {
                Client client = new Client(container);
                load = load(client, threads, 1);
                // So that the container stops under load, and not before any.
                load.get(0).get(1, TimeUnit.MINUTES);
            }
            for (Future<Integer> each : load) {
                checkServedOrRefused(each.get());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /**
     * {@return the worst status that each client gets; of one that was refused a connection, 503}
     */
    private List<Future<Integer>> load(Client client, ExecutorService threads, int requests) {
        List<Future<Integer>> load = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            int first = i;
            load.add(
                    threads.submit(
                            () -> {
                                int worst = 0;
                                for (int j = 0; j < requests; j++) {
                                    GoldenCase next = cases.get((first + j) % cases.size());
                                    worst = Math.max(worst, status(client, next));
                                }
                                return worst;
                            }));
        }
        return load;
    }

    private static int status(Client client, GoldenCase request) {
        try {
            return request.send(client).status();
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof ConnectException) {
                return 503;
            }
            throw e;
        }
    }

    private static void checkServedOrRefused(int status) {
        if (status >= 300 && status != 503) {
            throw new AssertionFailedError(
                    "status under load: expected that of the golden case or 503, was " + status,
                    200,
                    status);
        }
    }
}
