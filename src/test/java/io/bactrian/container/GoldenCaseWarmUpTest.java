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
import org.junit.jupiter.api.io.TempDir;

/** Golden cases beside the pipelines are sent before the container is ready. */
class GoldenCaseWarmUpTest {

    @TempDir private Path folder;

    private ServedFolder served;
    private Path cases;

    @BeforeEach
    void write() throws IOException {
        served = new ServedFolder(folder).model("echo/1").code("echo", "echo");
        cases = served.models.resolve("echo/code/cases");
        served.file(cases.resolve("good.request.json"), "{\"text\": \"HI\"}");
        served.file(cases.resolve("good.expected.json"), "\"hi\"");
    }

    @Test
    void passingCasesCauseNoWarning() throws Exception {
        // It is not sent: it is expected to be refused, which warms nothing.
        served.file(cases.resolve("refused.case.yaml"), "response: {status: 418}");
        try (ServedFolder started = served.set("BACTRIAN_STRICT", "true").start()) {
            assertEquals(List.of(), started.container().pipelines().warmUpProblems());
            assertFalse(started.report().contains("warnings"), started::report);
        }
    }

    @Test
    void unexpectedAnswerIsAWarning() throws Exception {
        served.file(cases.resolve("good.expected.json"), "\"HI\"");
        try (ServedFolder started = served.start()) {
            assertTrue(
                    started.report()
                            .contains(
                                    "warnings\n  golden case good: $: expected \"HI\", was"
                                            + " \"hi\"\n"),
                    started::report);
            assertEquals(200, started.ping());
        }
    }

    @Test
    void malformedCaseIsAWarning() throws Exception {
        served.file(cases.resolve("good.case.yaml"), "respons: 1");
        try (ServedFolder started = served.start()) {
            assertEquals(
                    List.of(
                            cases.resolve("good.case.yaml")
                                    + ": there is no setting respons, only pipeline, request,"
                                    + " response, tolerance"),
                    started.container().pipelines().warmUpProblems());
        }
    }

    @Test
    void strictModeRefusesUnexpectedAnswer() throws Exception {
        served.file(cases.resolve("good.expected.json"), "\"HI\"");
        assertEquals(
                "BACTRIAN_STRICT is true, and this is wrong:\n"
                        + "  golden case good: $: expected \"HI\", was \"hi\"",
                assertThrows(
                                ConfigurationException.class,
                                () -> served.set("BACTRIAN_STRICT", "true").start())
                        .getMessage());
    }

    @Test
    void casesOfSeveralModelsHavePrefixes() throws Exception {
        served.model("second/1").code("second", "second");
        Path second = served.models.resolve("second/code/cases");
        served.file(cases.resolve("good.expected.json"), "1");
        served.file(second.resolve("good.request.json"), "{\"text\": \"B\"}");
        served.file(second.resolve("good.expected.json"), "2");
        try (ServedFolder started = served.start()) {
            assertEquals(
                    List.of(
                            "golden case echo/good: $: expected 1, was \"hi\"",
                            "golden case second/good: $: expected 2, was \"b\""),
                    started.container().pipelines().warmUpProblems());
        }
    }

    @Test
    void casesBesideRoutesAreSent() throws Exception {
        try (ServedFolder other = new ServedFolder(folder.resolve("other"))) {
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
}
