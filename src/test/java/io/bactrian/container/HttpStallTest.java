package io.bactrian.container;

import static io.bactrian.testing.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.container.RawConnection.Answer;
import io.bactrian.container.http.ConnectionGuardTest;
import io.bactrian.container.http.ServerLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that stall, with a real server; {@link ConnectionGuardTest} tests the details. */
@Timeout(120)
class HttpStallTest {

    private static final String ROUTES =
            """
            - route:
                id: large
                from:
                  uri: pipeline:large
                  parameters: {produces: application/octet-stream}
                  steps:
                    - process: {ref: "#class:io.bactrian.container.LargeAnswer"}
            """;

    private static final String REQUEST =
            "POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s";

    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    @RegisterExtension
    static TestServer server =
            TestServer.started(
                    setup ->
                            setup.model("echo/1")
                                    .routes("test", ROUTES)
                                    .set("BACTRIAN_MAX_IN_FLIGHT", "4")
                                    .set("BACTRIAN_PIPELINE", "large")
                                    .limits(
                                            new ServerLimits(
                                                    2,
                                                    100,
                                                    TIMEOUT,
                                                    TIMEOUT,
                                                    Duration.ofSeconds(4),
                                                    1 << 20,
                                                    TIMEOUT,
                                                    TIMEOUT,
                                                    1_000_000,
                                                    Duration.ofSeconds(22))));

    @AfterEach
    void serverIsIdle() {
        server.awaitIdle();
    }

    private static List<RawConnection> open(int count, String beginning) {
        List<RawConnection> connections = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            connections.add(new RawConnection(server.port()).send(beginning));
        }
        return connections;
    }

    private static void assertOthersAreServed() {
        for (int i = 0; i < 5; i++) {
            try (RawConnection other = new RawConnection(server.port())) {
                assertEquals(200, other.send(REQUEST.formatted(1, "3")).read().status());
            }
        }
    }

    private static void assertTimedOut(List<RawConnection> stalled, String message) {
        for (RawConnection connection : stalled) {
            Answer answer = connection.read();
            assertEquals("{\"error\": \"" + message + "\"}", answer.body());
            assertEquals(408, answer.status());
            assertTrue(answer.closes());
            assertEquals("", connection.readToEnd());
            connection.close();
        }
    }

    /** Many more clients than the maximum of requests in flight. */
    @Test
    void stalledHeadsTimeOut() {
        List<RawConnection> stalled = open(20, "POST /invocations HTTP/1.1\r\nHo");
        assertOthersAreServed();
        assertTimedOut(stalled, "the request did not arrive in time");
    }

    @Test
    void stalledBodiesTimeOut() {
        List<RawConnection> stalled = open(20, REQUEST.formatted(100, "12"));
        assertOthersAreServed();
        assertTimedOut(stalled, "the body did not arrive in time");
    }

    @Test
    void stalledChunksTimeOut() {
        List<RawConnection> stalled =
                open(
                        20,
                        "POST /invocations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + "5\r\n12");
        assertOthersAreServed();
        assertTimedOut(stalled, "the body did not arrive in time");
    }

    @Test
    void bodyMissingAfter100ContinueTimesOut() {
        try (RawConnection connection = new RawConnection(server.port())) {
            connection.send(
                    "POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect:"
                            + " 100-continue\r\n\r\n");
            assertEquals(100, connection.readHead().status());
            assertEquals(408, connection.read().status());
        }
    }

    @Test
    void idleConnectionsAreClosed() {
        for (RawConnection connection : open(20, "")) {
            assertEquals("", connection.readToEnd());
            connection.close();
        }
    }

    @Test
    void unreadAnswersAreAborted() throws Exception {
        List<RawConnection> stalled = open(4, "");
        for (int i = 0; i < stalled.size(); i++) {
            stalled.get(i).socket().setReceiveBufferSize(4096);
            stalled.get(i).send(REQUEST.formatted(7, "5000000"));
            // One after the other, since the number of requests in flight is limited.
            long memory = 5_000_000L * (i + 1);
            await("an answer", () -> server.container().budget().reserved() == memory);
            await("answered", () -> server.container().dispatcher().running() == 0);
        }
        assertOthersAreServed();
        await("memory", () -> server.container().budget().reserved() == 0);
        for (RawConnection connection : stalled) {
            connection.close();
        }
    }
}
