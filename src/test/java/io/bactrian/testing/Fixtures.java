package io.bactrian.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Models and images that lie beside a developer's checkout, and not in the project. */
public final class Fixtures {

    private static final Path FOLDER = Path.of("..", "shared", "fixtures");

    private Fixtures() {}

    /** Skips the test if the fixture is not there. */
    public static Path path(String name) {
        Path path = FOLDER.resolve(name);
        assumeTrue(Files.exists(path), "skipped: the fixture " + path + " is not on this machine");
        return path;
    }
}
