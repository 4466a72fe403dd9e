package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

    /** The peak of RssAnon in Linux, minus its value before the model was loaded. */
    @Test
    void estimatesAreCloseToMeasurements() {
        assertMeasured(377, 1_990, 205_200);
        assertMeasured(162, 1_605, 28_400);
        assertMeasured(1_337, 29, 1_400_000);
        assertMeasured(18, 169, 2_698);
        assertMeasured(17, 208, 1_881);
        assertMeasured(19, 173, 770);
        assertMeasured(15, 64, 442);
    }

    private static void assertMeasured(double megabytes, long graphKb, long variablesKb) {
        double estimate = LoadMemory.estimate(graphKb * 1000, 0, variablesKb * 1000) / (double) MB;
        assertTrue(
                Math.abs(estimate - megabytes) < Math.max(15, 0.15 * megabytes),
                "measured " + megabytes + " MB, estimated " + estimate);
    }

    @Test
    void countsAGraphsConstantsForLess() throws IOException {
        Path path = Path.of("src/examples/models/object-detection/1");
        SavedModelFile file = SavedModelFile.read(path);
        assertTrue(file.constantBytes() > 0);
        assertTrue(file.constantBytes() < file.graphBytes() / 2);
        assertTrue(file.graphBytes() < Files.size(path.resolve("saved_model.pb")));
    }

    @Test
    void modelThatDoesNotFitIsRejected() {
        ModelLoadException e =
                assertThrows(
                        ModelLoadException.class,
                        () -> memory.reserve("\"m\" version 1", 369 * MB));
        assertEquals(
                "not enough memory for model \"m\" version 1: it takes about 369 MB to load, and"
                        + " 368 MB are left",
                e.getMessage());
        assertInstanceOf(InsufficientMemoryException.class, e.getCause());
    }

    @Test
    void tightFitIsAWarning() {
        try (LoadMemory.Reservation fits = memory.reserve("m", 360 * MB)) {
            assertNull(fits.warning());
        }
        try (LoadMemory.Reservation tight = memory.reserve("m", 361 * MB)) {
            assertEquals(
                    "memory is tight: the model takes about 361 MB to load, which leaves 39 MB to"
                            + " requests and to Java's heap, which may grow by 40 MB",
                    tight.warning());
        }
    }

    @Test
    void roomyIfTheOptimizedFormFitsAsWell() {
        try (LoadMemory.Reservation once = memory.reserve("m", 181 * MB)) {
            assertFalse(once.isRoomy());
        }
        try (LoadMemory.Reservation twice = memory.reserve("m", 180 * MB)) {
            assertTrue(twice.isRoomy());
        }
    }

    @Test
    void countsWhatLoadsBesideIt() {
        try (LoadMemory.Reservation first = memory.reserve("a", 225 * MB)) {
            assertNull(first.warning());
            // What it has taken by now is not counted twice.
            available.set(300 * MB);
            memory.reserve("b", 100 * MB).close();
            assertThrows(ModelLoadException.class, () -> memory.reserve("c", 225 * MB));
        }
        assertThrows(ModelLoadException.class, () -> memory.reserve("c", 290 * MB));
        memory.reserve("c", 225 * MB).close();
    }

    @Test
    void graphLargerThanTheJavaHeapIsRejected() throws IOException {
        try (RandomAccessFile file =
                new RandomAccessFile(folder.resolve("saved_model.pb").toFile(), "rw")) {
            file.setLength(50 * MB);
        }
        ModelLoadException e =
                assertThrows(ModelLoadException.class, () -> memory.checkHeap("\"m\"", folder));
        assertEquals(
                "model \"m\" can't be loaded: its saved_model.pb of 50 MB is read into Java's heap,"
                        + " which may have 100 MB: set BACTRIAN_JAVA_OPTS=-Xmx174m or more",
                e.getMessage());
    }

    @Test
    void missingModelIsNotAnErrorOfMemory() {
        memory.checkHeap("m", folder.resolve("none"));
    }
}
