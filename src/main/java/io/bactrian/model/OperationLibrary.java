package io.bactrian.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.OpDef;

/** A library of custom operations for TensorFlow: a shared object that registers them. */
public final class OperationLibrary {

    private OperationLibrary() {}

    /**
     * Loads a library into this process, for as long as it lives. To be called before the models
     * that need its operations are loaded.
     *
     * @param file the shared object
     * @return the names of its operations
     * @throws ModelLoadException if it is not there, or can't be loaded here
     */
    public static List<String> load(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ModelLoadException("no library of operations at " + file);
        }
        try {
            // A bare name would be looked for where the system has its libraries.
            return TensorFlow.loadLibrary(file.toAbsolutePath().toString()).getOpList().stream()
                    .map(OpDef::getName)
                    .toList();
        } catch (UnsatisfiedLinkError e) {
            throw new ModelLoadException(
                    "can't load the library of operations " + file + ": " + e.getMessage(), e);
        }
    }
}
