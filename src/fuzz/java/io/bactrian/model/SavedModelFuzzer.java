package io.bactrian.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Any {@code saved_model.pb} is read or refused, its signatures included. */
public final class SavedModelFuzzer {

    private static Path directory;

    private SavedModelFuzzer() {}

    public static void fuzzerInitialize() throws IOException {
        directory = Files.createTempDirectory("bactrian-fuzz");
    }

    public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
        Files.write(directory.resolve("saved_model.pb"), bytes);
        try {
            SavedModelFile file = SavedModelFile.read(directory);
            file.tags();
            file.signatures();
        } catch (ModelLoadException e) {
            // Refused.
        }
    }

    public static void fuzzerTearDown() throws IOException {
        Files.deleteIfExists(directory.resolve("saved_model.pb"));
        Files.deleteIfExists(directory);
    }
}
