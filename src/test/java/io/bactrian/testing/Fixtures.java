package io.bactrian.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Models and images that are not part of the project, in the directory that the system property
 * {@code bactrian.fixtures} names, or beside the checkout.
 */
public final class Fixtures {

    private static final Path FOLDER =
            Path.of(System.getProperty("bactrian.fixtures", "../shared/fixtures"));

    private Fixtures() {}

    /** {@return the path of a fixture; skips the test if it does not exist} */
    public static Path path(String name) {
        Path path = FOLDER.resolve(name);
        assumeTrue(Files.exists(path), "skipped: the fixture " + path + " is not on this machine");
        return path;
    }
}
