package io.bactrian.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.OpDef;

/** A shared library that registers custom TensorFlow operations. */
public final class OperationLibrary {

    private OperationLibrary() {}

    /**
     * Loads a library into this process for the rest of its life. Must be called before the models
     * that need its operations are loaded.
     *
     * @param file the shared library
     * @return the names of its operations
     * @throws ModelLoadException if the file is missing or can't be loaded
     */
    public static List<String> load(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ModelLoadException("no operation library at " + file);
        }
        try {
            // A bare file name would be searched for in the system's library path.
            return TensorFlow.loadLibrary(file.toAbsolutePath().toString()).getOpList().stream()
                    .map(OpDef::getName)
                    .toList();
        } catch (UnsatisfiedLinkError e) {
            throw new ModelLoadException(
                    "can't load the operation library " + file + ": " + e.getMessage(), e);
        }
    }
}
