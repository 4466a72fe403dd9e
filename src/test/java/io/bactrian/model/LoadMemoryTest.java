package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.limit.InsufficientMemoryException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadMemoryTest {

    private static final long MB = 1 << 20;

    @TempDir Path folder;

    private final AtomicLong available = new AtomicLong(400 * MB);
    private final LoadMemory memory = new LoadMemory(available::get, 100 * MB, () -> 60 * MB);

    /** Files with holes: they are as large as they say and take no room. */
    private Path model(String name, long graph, long variables) throws IOException {
        Path directory = Files.createDirectories(folder.resolve(name).resolve("variables"));
        file(directory.resolve("variables.data-00000-of-00001"), variables);
        file(directory.resolveSibling("saved_model.pb"), graph);
        return directory.getParent();
    }

    private static void file(Path path, long size) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(size);
        }
    }

    /** What Linux calls RssAnon, from before the model was loaded until it had run. */
    @Test
    void estimatesAboutWhatWasMeasured() {
        assertMeasured(377, 1_990_947, 205_164_366);
        assertMeasured(171, 1_600_000, 28_500_000);
        assertMeasured(186, 7_705_172, 0);
        assertMeasured(1_415, 36_000, 1_400_000_000);
        assertMeasured(30, 203_998, 693_051);
        assertMeasured(20, 64_491, 446_811);
    }

    private static void assertMeasured(double megabytes, long graph, long variables) {
        double estimate = LoadMemory.estimate(graph, variables) / (double) MB;
        assertTrue(
                estimate > 0.8 * megabytes && estimate < 1.2 * megabytes,
                "measured " + megabytes + " MB, estimated " + estimate);
    }

    @Test
    void refusesWhatCannotFit() throws IOException {
        Path directory = model("m", MB / 10, 500 * MB);
        ModelLoadException e =
                assertThrows(
                        ModelLoadException.class,
                        () -> memory.reserve("\"m\" version 1", directory));
        assertEquals(
                "not enough memory for model \"m\" version 1: it takes about 547 MB to load, and"
                        + " 400 MB are left",
                e.getMessage());
        assertInstanceOf(InsufficientMemoryException.class, e.getCause());
    }

    @Test
    void warnsOfATightFit() throws IOException {
        try (LoadMemory.Reservation fits = memory.reserve("m", model("m", 0, 320 * MB))) {
            assertNull(fits.warning());
        }
        try (LoadMemory.Reservation tight = memory.reserve("m", model("m", 0, 340 * MB))) {
            assertEquals(
                    "memory is tight: the model takes about 372 MB, which leaves 28 MB to requests"
                            + " and to Java's heap, which may grow by 40 MB",
                    tight.warning());
        }
    }

    @Test
    void countsWhatLoadsBesideIt() throws IOException {
        Path directory = model("m", 0, 200 * MB);
        try (LoadMemory.Reservation first = memory.reserve("a", directory)) {
            assertEquals(225 * MB, first.bytes());
            // What it has taken by now is not counted twice.
            available.set(300 * MB);
            Path small = model("small", 0, 10 * MB);
            memory.reserve("b", small).close();
            assertThrows(ModelLoadException.class, () -> memory.reserve("c", directory));
        }
        assertThrows(ModelLoadException.class, () -> memory.reserve("c", model("d", 0, 290 * MB)));
        memory.reserve("c", directory).close();
    }

    @Test
    void refusesAGraphThatJavasHeapCannotHold() throws IOException {
        Path directory = model("m", 50 * MB, 0);
        ModelLoadException e =
                assertThrows(ModelLoadException.class, () -> memory.reserve("\"m\"", directory));
        assertEquals(
                "model \"m\" can't be loaded: its saved_model.pb of 50 MB is read into Java's heap,"
                        + " which may have 100 MB: set BACTRIAN_JAVA_OPTS=-Xmx174m or more",
                e.getMessage());
    }

    @Test
    void leavesAMissingModelToTheLoader() {
        memory.reserve("m", folder.resolve("none")).close();
    }
}
