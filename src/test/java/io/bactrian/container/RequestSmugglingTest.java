package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A second request hidden in the body of a first: a proxy in front may read one request where the
 * server reads two. Each of these was read as two by some HTTP server or some version of Netty.
 */
@Timeout(120)
class RequestSmugglingTest {

    private static final String HIDDEN = "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n";

    @RegisterExtension
    static TestServer server = TestServer.started(setup -> setup.model("echo/1"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                // CVE-2025-58056: a line feed alone ends the line of a chunk's size.
                "2;\nxx\r\n%x\r\n0\r\n\r\n%s\r\n0\r\n\r\n",
                // CVE-2026-33870: an extension's quoted string that holds a line's end.
                "1;a=\"\r\nX\r\n0\r\n\r\n%2$s\"\r\nY\r\n0\r\n\r\n",
                "1;a=\"\\\"\r\nX\r\n0\r\n\r\n%2$s\"\r\nY\r\n0\r\n\r\n",
                // CVE-2026-42580: a size that overflows 32 bits to 4.
                "100000004\r\ntest\r\n0\r\n\r\n%2$s",
                "fffffffffffffffff\r\ntest\r\n0\r\n\r\n%2$s",
                // Sizes that one reader takes for others.
                "0x3\r\nabc\r\n0\r\n\r\n%2$s",
                "+3\r\nabc\r\n0\r\n\r\n%2$s",
                "3 3\r\nabc\r\n0\r\n\r\n%2$s",
                "\r\n3\r\nabc\r\n0\r\n\r\n%2$s",
                // A chunk's data that is not followed by its line's end.
                "3\r\nabcXX0\r\n\r\n%2$s",
                "3\r\nabc\n0\r\n\r\n%2$s",
                "3\r\nabc0\r\n\r\n%2$s",
                "3\rabc\r\n0\r\n\r\n%2$s"
            })
    void hiddenRequestIsNotAnswered(String chunks) {
        String body = String.format(chunks, HIDDEN.length(), HIDDEN);
        try (RawConnection connection = new RawConnection(server.port())) {
            connection.send(
                    "POST /models/echo/invoke HTTP/1.1\r\nHost: x\r\n"
                            + "Content-Type: application/json\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n"
                            + body);
            connection.shutdownOutput();
            String answers = connection.readToEnd();
            assertTrue(answers.startsWith("HTTP/1.1 400 "), answers);
            assertEquals(1, answers.split("HTTP/1\\.1 ", -1).length - 1, answers);
        }
    }
}
