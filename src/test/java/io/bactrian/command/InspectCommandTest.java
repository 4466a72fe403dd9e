package io.bactrian.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.testing.TestModels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {

    private static final Path EXAMPLE = Path.of("src/examples/models/image-classification");

    private static String run(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream printed = new PrintStream(out, true, StandardCharsets.UTF_8);
        assertEquals(ExitCode.OK, BactrianCommand.run(args, printed, printed));
        return out.toString(StandardCharsets.UTF_8);
    }

    private static JsonNode version(String json) throws IOException {
        return new ObjectMapper().readTree(json).at("/models/0/versions/0");
    }

    @Test
    void optimizationIsNotTriedUnasked() throws Exception {
        JsonNode version = version(run("inspect", "--json", EXAMPLE.toString()));
        assertTrue(version.has("optimization"), version::toString);
        assertTrue(version.get("optimization").isNull(), version::toString);
        assertFalse(run("inspect", EXAMPLE.toString()).contains("optimized"));
    }

    /** Whether it pays depends on the machine. */
    @Test
    void jsonHasTheMeasuredTimes() throws Exception {
        JsonNode optimization =
                version(run("inspect", "--json", "--optimize", EXAMPLE.toString()))
                        .get("optimization");
        JsonNode times = optimization.get("runTimes");
        assertTrue(times.get("originalMillis").asDouble() > 0, optimization::toString);
        assertTrue(times.get("optimizedMillis").asDouble() > 0, optimization::toString);
        boolean applied = optimization.get("applied").asBoolean();
        assertEquals(applied, optimization.get("reason").isNull(), optimization::toString);
        assertEquals(
                applied,
                times.get("optimizedMillis").asDouble()
                        <= 0.9 * times.get("originalMillis").asDouble(),
                optimization::toString);
    }

    @Test
    void textHasTheMeasuredTimes() {
        String text = run("inspect", "--optimize", EXAMPLE.toString());
        assertTrue(
                text.matches(
                        "(?s).*\n  (not )?optimized: a run of the frozen graph takes"
                                + " [0-9.]+ ms instead of [0-9.]+\n"),
                text);
    }

    @Test
    void jsonHasTheReasonWhyAModelIsNotOptimized(@TempDir Path folder) throws Exception {
        TestModels.dense(folder.resolve("1"));
        JsonNode optimization =
                version(run("inspect", "--json", "--optimize", folder.toString()))
                        .get("optimization");
        assertEquals(
                new ObjectMapper()
                        .readTree(
                                """
                                {
                                  "applied": false,
                                  "reason": "it reads no variables",
                                  "runTimes": null
                                }
                                """),
                optimization);
    }

    @Test
    void scalingOfTheGraphIsShown(@TempDir Path folder) throws Exception {
        TestModels.halfPlusTwo(folder.resolve("1"));
        String text = run("inspect", folder.toString());
        assertTrue(text.contains("\n      scaled by the graph itself: x * 0.5 + 2\n"), text);
        JsonNode signature =
                version(run("inspect", "--json", folder.toString())).at("/signatures/0");
        assertEquals("x * 0.5 + 2", signature.at("/inputs/0/scaling").asText());
        assertTrue(signature.at("/outputs/0/scaling").isNull(), signature::toString);
    }
}
