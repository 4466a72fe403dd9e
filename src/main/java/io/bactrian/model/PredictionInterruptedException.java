package io.bactrian.model;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/**
 * The thread of a queued request was interrupted. The request was not run, and the thread's
 * interrupt status is set.
 */
public class PredictionInterruptedException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message where the request was queued
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
