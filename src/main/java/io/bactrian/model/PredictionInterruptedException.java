package io.bactrian.model;

/**
 * The thread of a request was interrupted while it waited for its turn: the request was never run.
 * The thread's interrupt status is set.
 */
public class PredictionInterruptedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message where the request was
     */
    public PredictionInterruptedException(String message) {
        super(message, null, false, false);
    }
}
