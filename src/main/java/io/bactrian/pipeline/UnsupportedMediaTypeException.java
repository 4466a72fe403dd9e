package io.bactrian.pipeline;

/** A body's content type, or the charset that it names, is not one that a pipeline can read. */
public class UnsupportedMediaTypeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what can be read
     */
    public UnsupportedMediaTypeException(String message) {
        super(message, null, false, false);
    }
}
