package io.bactrian.model;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A model that can't be served because its SavedModel is missing, unreadable or rejected by
 * TensorFlow.
 */
public class ModelLoadException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message the model, its location and the reason
     */
    public ModelLoadException(String message) {
        super(ErrorKind.UNAVAILABLE, message);
    }

    /**
     * @param message the model, its location and the reason
     * @param cause the error of TensorFlow or the file system
     */
    public ModelLoadException(String message, @Nullable Throwable cause) {
        super(ErrorKind.UNAVAILABLE, message, cause);
    }

    /**
     * {@return the exception for a directory without a model}
     *
     * @param directory the model directory
     */
    public static ModelLoadException noneIn(Path directory) {
        return new ModelLoadException(
                "no SavedModel in "
                        + directory
                        + ": saved_model.pb is looked for in it, in <version>/ and in <name>/<version>/");
    }

    /** {@return a message without the reason, which names folders} */
    @Override
    public String callerMessage() {
        return "a model that the pipeline calls can't be served";
    }
}
