package io.bactrian.model;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;
import java.nio.file.Path;

/** A SavedModel can't be served: not found, not readable, or refused by TensorFlow. */
public class ModelLoadException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message which model, where, and why
     */
    public ModelLoadException(String message) {
        super(ErrorKind.UNAVAILABLE, message);
    }

    /**
     * @param message which model, where, and why
     * @param cause what TensorFlow or the file system said
     */
    public ModelLoadException(String message, Throwable cause) {
        super(ErrorKind.UNAVAILABLE, message, cause);
    }

    /** {@return what to say where {@code directory} holds no model} */
    public static ModelLoadException noneIn(Path directory) {
        return new ModelLoadException(
                "no SavedModel in "
                        + directory
                        + ": saved_model.pb is looked for in it, in <version>/ and in <name>/<version>/");
    }

    /** {@return that a model is broken} The reason names folders. */
    @Override
    public String callerMessage() {
        return "a model that the pipeline calls can't be served";
    }
}
