package io.bactrian.pipeline;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/**
 * What another system, or a model, answered a route with can't be read. The request is not at
 * fault: it maps to status 502, and what was wrong is for the log.
 */
public class UpstreamAnswerException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message who answered, shown to callers
     * @param cause what is wrong with the answer
     */
    public UpstreamAnswerException(String message, Throwable cause) {
        super(ErrorKind.BAD_UPSTREAM_ANSWER, message, cause);
    }
}
