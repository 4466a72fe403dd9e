package io.bactrian.command;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidationTest {

    @TempDir private Path folder;

    @Test
    void faultOfAFolderIsNamedWhereItsRoutesCannotBeRead() throws IOException {
        Path route = folder.resolve("p.camel.yaml");
        Files.writeString(
                route,
                "- route: {id: p, from: {uri: \"pipeline:p\", steps: [{setBody: {constant: x}}]}}\n");
        Path lib = Files.createDirectories(folder.resolve("lib"));
        try (JarOutputStream jar =
                new JarOutputStream(Files.newOutputStream(lib.resolve("x.jar")))) {
            jar.putNextEntry(new ZipEntry("application.properties"));
            jar.write("camel.main.nope=1\n".getBytes(StandardCharsets.US_ASCII));
        }

        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int exitCode =
                BactrianCommand.run(
                        new String[] {
                            "validate",
                            "--models",
                            "src/examples/models/text-classification",
                            route.toString()
                        },
                        out,
                        out);

        String printed = bytes.toString(StandardCharsets.UTF_8);
        assertNotEquals(ExitCode.OK, exitCode, printed);
        assertTrue(printed.contains("nope"), printed);
        assertFalse(printed.contains("in code"), printed);
    }
}
