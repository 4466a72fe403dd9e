package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.route.ConfigurationException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Golden cases beside the pipelines are sent before the container is ready. */
class GoldenCaseWarmUpTest {

    @RegisterExtension final TestServer server = TestServer.notStarted();

    @RegisterExtension final TestServer other = TestServer.notStarted();

    private Path cases;

    @BeforeEach
    void write() throws IOException {
        server.model("echo/1").code("echo", "echo");
        cases = server.models.resolve("echo/code/cases");
        server.file(cases.resolve("good.request.json"), "{\"text\": \"HI\"}");
        server.file(cases.resolve("good.expected.json"), "\"hi\"");
    }

    @Test
    void passingCasesCauseNoWarning() throws Exception {
        // Not sent, since a refused request warms nothing up.
        server.file(cases.resolve("refused.case.yaml"), "response: {status: 418}");
        server.set("BACTRIAN_STRICT", "true").start();
        assertEquals(List.of(), server.container().pipelines().warmUpProblems());
        assertFalse(server.report().contains("warnings"), server::report);
    }

    @Test
    void unexpectedAnswerIsAWarning() throws Exception {
        server.file(cases.resolve("good.expected.json"), "\"HI\"");
        server.start();
        assertTrue(
                server.report()
                        .contains(
                                "warnings\n  golden case good: $: expected \"HI\", was"
                                        + " \"hi\"\n"),
                server::report);
        assertEquals(200, server.ping());
    }

    @Test
    void malformedCaseIsAWarning() throws Exception {
        server.file(cases.resolve("good.case.yaml"), "respons: 1");
        server.start();
        assertEquals(
                List.of(
                        cases.resolve("good.case.yaml")
                                + ": there is no setting respons, only pipeline, request,"
                                + " response, tolerance"),
                server.container().pipelines().warmUpProblems());
    }

    @Test
    void strictModeRejectsUnexpectedAnswer() throws Exception {
        server.file(cases.resolve("good.expected.json"), "\"HI\"");
        assertEquals(
                "BACTRIAN_STRICT is true, and this is wrong:\n"
                        + "  golden case good: $: expected \"HI\", was \"hi\"",
                assertThrows(
                                ConfigurationException.class,
                                () -> server.set("BACTRIAN_STRICT", "true").start())
                        .getMessage());
    }

    @Test
    void casesOfSeveralModelsHavePrefixes() throws Exception {
        server.model("second/1").code("second", "second");
        Path second = server.models.resolve("second/code/cases");
        server.file(cases.resolve("good.expected.json"), "1");
        server.file(second.resolve("good.request.json"), "{\"text\": \"B\"}");
        server.file(second.resolve("good.expected.json"), "2");
        server.start();
        assertEquals(
                List.of(
                        "golden case echo/good: $: expected 1, was \"hi\"",
                        "golden case second/good: $: expected 2, was \"b\""),
                server.container().pipelines().warmUpProblems());
    }

    @Test
    void casesBesideRoutesAreSent() throws Exception {
        other.model("a/1").model("b/1").route("a", "a").route("b", "b");
        Path beside = other.routes.resolve("cases");
        other.file(beside.resolve("b/x.request.json"), "{\"text\": \"X\"}");
        other.file(beside.resolve("b/x.expected.json"), "\"y\"");
        other.start();
        assertEquals(
                List.of("golden case b/x: $: expected \"y\", was \"x\""),
                other.container().pipelines().warmUpProblems());
    }
}
