package io.bactrian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The start script's environment variables, tested with a fake Java that prints its arguments. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {

    @TempDir Path folder;

    @BeforeEach
    void createFakeJava() throws IOException {
        Path java = Files.createDirectories(folder.resolve("java/bin")).resolve("java");
        Files.writeString(
                java,
                "#!/bin/sh\nfor argument; do echo \"$argument\"; done\necho \"LC_ALL=$LC_ALL\"\n");
        assertTrue(java.toFile().setExecutable(true));
        Files.writeString(folder.resolve("java/release"), "JAVA_VERSION=\"17.0.1\"\n");
    }

    private List<String> launch(Map<String, String> environment) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder("sh", "src/main/dist/bin/bactrian", "serve")
                        .redirectErrorStream(true);
        builder.environment()
                .keySet()
                .removeIf(
                        name ->
                                name.startsWith("LC_")
                                        || name.equals("LANG")
                                        || name.endsWith("_OPTIONS")
                                        || name.startsWith("BACTRIAN_"));
        builder.environment().put("JAVA_HOME", folder.resolve("java").toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output.lines().toList();
    }

    @Test
    void defaultHeapIsSmall() throws Exception {
        List<String> arguments = launch(Map.of());
        assertTrue(arguments.contains("-Xms64m"), arguments::toString);
        assertTrue(arguments.contains("-XX:+UseSerialGC"), arguments::toString);
        assertTrue(arguments.contains("io.bactrian.Bactrian"), arguments::toString);
    }

    /** Java does not start if the initial heap is larger than the maximum. */
    @ParameterizedTest
    @ValueSource(strings = {"-Xmx32m", "-Xms16m", "-XX:MaxHeapSize=32m", "-XX:MaxRAMPercentage=1"})
    void givenHeapSizeReplacesTheDefault(String option) throws Exception {
        for (String variable : List.of("BACTRIAN_JAVA_OPTS", "JAVA_TOOL_OPTIONS")) {
            List<String> arguments = launch(Map.of(variable, "-Dx=y " + option));
            assertFalse(arguments.contains("-Xms64m"), arguments::toString);
            assertTrue(arguments.contains("-XX:+UseSerialGC"), arguments::toString);
        }
    }

    @Test
    void givenCollectorReplacesTheDefault() throws Exception {
        List<String> arguments = launch(Map.of("BACTRIAN_JAVA_OPTS", "-XX:+UseG1GC"));
        assertFalse(arguments.contains("-XX:+UseSerialGC"), arguments::toString);
    }

    /** In another locale, models whose names are not ASCII could not be opened. */
    @ParameterizedTest
    @CsvSource({
        "LANG, C, C.UTF-8",
        "LANG, POSIX, C.UTF-8",
        "LANG, '', C.UTF-8",
        "LC_ALL, C, C.UTF-8",
        "LANG, de_DE.UTF-8, ''",
        "LC_ALL, en_US.utf8, en_US.utf8"
    })
    void localeIsSetToUtf8(String variable, String value, String expected) throws Exception {
        List<String> lines = launch(Map.of(variable, value));
        assertTrue(lines.contains("LC_ALL=" + expected), lines::toString);
        assertTrue(lines.contains("-Dfile.encoding=UTF-8"), lines::toString);
    }
}
