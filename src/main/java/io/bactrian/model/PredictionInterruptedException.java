package io.bactrian.model;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/**
 * The thread of a request was interrupted while it waited for its turn: the request was never run.
 * The thread's interrupt status is set.
 */
public class PredictionInterruptedException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message where the request was
     */
    public PredictionInterruptedException(String message) {
        super(ErrorKind.SHUTTING_DOWN, message);
    }

    @Override
    public String callerMessage() {
        return "shutting down";
    }

    @Override
    public int retryAfterSeconds() {
        return 1;
    }
}
