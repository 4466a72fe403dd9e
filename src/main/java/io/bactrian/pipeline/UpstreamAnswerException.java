package io.bactrian.pipeline;

/**
 * What another system, or a model, answered a route with can't be read. The request is not at
 * fault: it maps to status 502, and what was wrong is for the log.
 */
public class UpstreamAnswerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message who answered, shown to callers
     * @param cause what is wrong with the answer
     */
    public UpstreamAnswerException(String message, Throwable cause) {
        super(message, cause, false, false);
    }
}
