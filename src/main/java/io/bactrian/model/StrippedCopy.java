package io.bactrian.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A temporary copy of a SavedModel without its signatures, for SavedModels that TensorFlow Java
 * rejects because of a signature that disagrees with the graph. Closing deletes it.
 */
final class StrippedCopy implements AutoCloseable {

    private final Path folder;

    private StrippedCopy(Path folder) {
        this.folder = folder;
    }

    /** {@return a new copy in the system's temporary folder} */
    static StrippedCopy of(SavedModelFile file) throws IOException {
        StrippedCopy copy = new StrippedCopy(Files.createTempDirectory("bactrian-"));
        try {
            file.writeWithoutSignatures(copy.folder);
            return copy;
        } catch (IOException | RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    /** {@return the folder with {@code saved_model.pb}} */
    Path folder() {
        return folder;
    }

    @Override
    public void close() {
        try (var children = Files.list(folder)) {
            for (Path child : (Iterable<Path>) children::iterator) {
                Files.delete(child);
            }
            Files.delete(folder);
        } catch (IOException e) {
            // The system cleans up its temporary folder.
        }
    }
}
