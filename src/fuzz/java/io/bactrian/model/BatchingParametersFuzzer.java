package io.bactrian.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Any {@code batching_params.pbtxt} is read or refused. */
public final class BatchingParametersFuzzer {

    private static Path directory;

    private BatchingParametersFuzzer() {}

    public static void fuzzerInitialize() throws IOException {
        directory = Files.createTempDirectory("bactrian-fuzz");
    }

    public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
        Files.write(directory.resolve(BatchingParametersFile.NAME), bytes);
        try {
            BatchingParametersFile.apply(SchedulerConfig.defaults(), directory);
        } catch (ModelLoadException e) {
            // Refused.
        }
    }

    public static void fuzzerTearDown() throws IOException {
        Files.deleteIfExists(directory.resolve(BatchingParametersFile.NAME));
        Files.deleteIfExists(directory);
    }
}
