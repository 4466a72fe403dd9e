package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDirectoryTest {

    private Path directory;

    @BeforeEach
    void create(@TempDir Path temp) throws IOException {
        directory = Files.createDirectory(temp.resolve("model"));
    }

    private void savedModelIn(String folder) throws IOException {
        Path path = Files.createDirectories(directory.resolve(folder));
        Files.createFile(path.resolve("saved_model.pb"));
    }

    private ModelVersions only() {
        List<ModelVersions> found = ModelDirectory.read(directory).models();
        assertEquals(1, found.size());
        return found.get(0);
    }

    @Test
    void directoryIsTheModel() throws IOException {
        savedModelIn("");
        assertEquals("model", only().name());
        assertFalse(only().named());
        assertEquals(1, only().latest());
        assertEquals(directory, only().latestPath());
    }

    @Test
    void highestVersionIsChosenNumerically() throws IOException {
        savedModelIn("9");
        savedModelIn("00000010");
        savedModelIn("2");
        Files.createDirectory(directory.resolve("11"));
        assertEquals(List.of(2L, 9L, 10L), List.copyOf(only().versions().keySet()));
        assertEquals(directory.resolve("00000010"), only().latestPath());
    }

    @Test
    void estimatorExportIsFound() throws IOException {
        savedModelIn("export/Servo/1540855709");
        assertEquals("model", only().name());
        assertEquals(1540855709L, only().latest());
    }

    @Test
    void severalModelsAreFound() throws IOException {
        savedModelIn("spam/1");
        savedModelIn("spam/2");
        savedModelIn("digits");
        savedModelIn("servo/export/Servo/3");
        List<ModelVersions> found = ModelDirectory.read(directory).models();
        assertEquals(
                List.of("digits", "servo", "spam"),
                found.stream().map(ModelVersions::name).toList());
        assertTrue(found.stream().allMatch(ModelVersions::named));
        assertEquals(2, found.get(2).latest());
        assertEquals(directory.resolve("spam"), found.get(2).folder());
    }

    @Test
    void danglingLinkIsABrokenVersion() throws IOException {
        savedModelIn("spam/1");
        savedModelIn("loop/1");
        Files.createSymbolicLink(directory.resolve("spam/2"), Path.of("not-there"));
        Files.createSymbolicLink(directory.resolve("loop/2"), Path.of("2"));
        Files.createDirectories(directory.resolve("lone"));
        Files.createSymbolicLink(directory.resolve("lone/1"), Path.of("not-there"));
        List<ModelVersions> found = ModelDirectory.read(directory).models();
        assertEquals(
                List.of("lone", "loop", "spam"), found.stream().map(ModelVersions::name).toList());
        assertEquals(
                "its highest version, "
                        + directory.resolve("spam/2")
                        + ", is a symbolic link to not-there, which does not exist",
                found.get(2).problem());
        assertTrue(found.stream().allMatch(model -> model.problem() != null));
    }

    @Test
    void fileAsHighestVersionIsAProblem() throws IOException {
        savedModelIn("spam/1");
        Files.createFile(directory.resolve("spam/2"));
        ModelVersions spam = ModelDirectory.read(directory).models().get(0);
        assertEquals(
                "its highest version, "
                        + directory.resolve("spam/2")
                        + ", is a file and not a folder",
                spam.problem());
    }

    @Test
    void emptyFolderBesideModelsIsAWarning() throws IOException {
        savedModelIn("spam/1");
        Files.createDirectories(directory.resolve("ham"));
        Files.createDirectories(directory.resolve("code"));
        ModelDirectory read = ModelDirectory.read(directory);
        assertEquals(1, read.models().size());
        assertEquals(
                List.of(directory.resolve("ham") + " is empty: no model is served from it"),
                read.warnings());
    }

    @Test
    void foldersWithoutModelsAreSkipped() throws IOException {
        savedModelIn(".hidden/1");
        Files.createDirectories(directory.resolve("spam/notes"));
        Files.createDirectories(directory.resolve("code"));
        assertEquals(List.of(), ModelDirectory.read(directory).models());
    }

    @Test
    void missingDirectoryIsAnError() {
        Path missing = directory.resolve("missing");
        assertEquals(
                "no model directory " + missing,
                assertThrows(ModelLoadException.class, () -> ModelDirectory.read(missing))
                        .getMessage());
    }

    @Test
    void onlyUnnamedModelMatchesAnyName() throws IOException {
        savedModelIn("1");
        try (ModelRepository repository =
                new ModelRepository(
                        directory, TensorFlowConfig.defaults(), SchedulerConfig.defaults())) {
            assertEquals("model", repository.find("anything").name());
            assertTrue(repository.isNamed("model"));
            assertFalse(repository.isNamed("anything"));
        }
    }

    @Test
    void namedModelMatchesItsNameOnly() throws IOException {
        savedModelIn("spam/1");
        try (ModelRepository repository =
                new ModelRepository(
                        directory, TensorFlowConfig.defaults(), SchedulerConfig.defaults())) {
            assertNull(repository.find("anything"));
            assertEquals(
                    "no model \"ham\" in " + directory + ": there is spam",
                    assertThrows(ModelLoadException.class, () -> repository.get("ham"))
                            .getMessage());
        }
    }
}
