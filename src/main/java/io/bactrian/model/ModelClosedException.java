package io.bactrian.model;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/**
 * The model was closed before the request's turn came: it was never run. It carries no stack trace.
 */
public class ModelClosedException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message which model
     */
    public ModelClosedException(String message) {
        super(ErrorKind.SHUTTING_DOWN, message);
    }

    @Override
    public int retryAfterSeconds() {
        return 1;
    }
}
