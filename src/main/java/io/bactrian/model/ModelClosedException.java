package io.bactrian.model;

/**
 * The model was closed before the request's turn came: it was never run. It carries no stack trace.
 */
public class ModelClosedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message which model
     */
    public ModelClosedException(String message) {
        super(message, null, false, false);
    }
}
