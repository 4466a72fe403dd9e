package io.bactrian.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestCommandTest {

    private static final String MODEL = "src/examples/models/text-classification";

    private static final String ROUTE =
            """
            - route:
                id: short-texts
                from:
                  uri: pipeline:short
                  steps:
                    - choice:
                        when:
                          - simple: ${body.length} > 3
                            steps:
                              - setBody: {constant: too long}
                        otherwise:
                          steps:
                            - setBody: {constant: short}
            """;

    @TempDir private Path folder;

    private record Run(int exitCode, String out, String err) {

        static Run of(String... args) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            int exitCode = BactrianCommand.run(args, print(out), print(err));
            return new Run(
                    exitCode,
                    out.toString(StandardCharsets.UTF_8),
                    err.toString(StandardCharsets.UTF_8));
        }

        private static PrintStream print(ByteArrayOutputStream bytes) {
            return new PrintStream(bytes, true, StandardCharsets.UTF_8);
        }
    }

    private Path file(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    @Test
    void stepsThatNoCaseHasRunAreListed() throws IOException {
        file("routes/short.camel.yaml", ROUTE);
        file("cases/short/a.request.txt", "a");
        file("cases/short/a.expected.txt", "short");
        String routes = "--routes=" + folder.resolve("routes");
        String cases = folder.resolve("cases").toString();

        Run text = Run.of("test", routes, MODEL, cases);

        assertEquals(ExitCode.OK, text.exitCode(), text::err);
        assertEquals(
                """
                ok    short/a
                route short-texts: 2 of 3 steps ran
                  not run: short.camel.yaml:10: setBody[constant{too long}]
                1 passed, 0 failed
                """,
                text.out().replaceAll("  \\(\\d+ ms\\)", ""));

        JsonNode steps =
                new ObjectMapper()
                        .readTree(Run.of("test", "--json", routes, MODEL, cases).out())
                        .get("steps");

        assertEquals(3, steps.size(), steps::toString);
        assertEquals(
                new ObjectMapper()
                        .readTree(
                                """
                                {"route": "short-texts", "file": "short.camel.yaml", "line": 10,
                                 "step": "setBody[constant{too long}]", "runs": 0}
                                """),
                steps.get(1));
        assertEquals(1, steps.get(2).get("runs").asInt());

        file("cases/short/b.request.txt", "long");
        file("cases/short/b.expected.txt", "too long");
        assertEquals(
                """
                ok    short/a
                ok    short/b
                2 passed, 0 failed
                """,
                Run.of("test", routes, MODEL, cases).out().replaceAll("  \\(\\d+ ms\\)", ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "test nowhere                    | there is no folder nowhere",
                "test --routes=nowhere src       | there is no folder nowhere",
                "test src nowhere                | there is no folder nowhere",
                "test src src/examples/patterns/cases/shadow/in-service.request.json"
                        + " | src/examples/patterns/cases/shadow/in-service.request.json is a file:"
                        + " name the folder with the cases",
                "test src src/main/dist          | there are no golden cases in src/main/dist, no"
                        + " *.request.*",
                "validate --models nowhere       | there is no folder nowhere",
            })
    void missingFolderIsNamedAsOnTheCommandLine(String arguments, String message) {
        assertEquals(
                new Run(ExitCode.FAILURE, "", "bactrian: " + message + "\n"),
                Run.of(arguments.split(" +")));
    }
}
