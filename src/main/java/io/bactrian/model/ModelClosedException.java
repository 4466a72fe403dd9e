package io.bactrian.model;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/** The model was closed while the request was queued. The request was not run. */
public class ModelClosedException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message the model
     */
    public ModelClosedException(String message) {
        super(ErrorKind.SHUTTING_DOWN, message);
    }

    @Override
    public int retryAfterSeconds() {
        return 1;
    }
}
