package io.bactrian.limit;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/**
 * More is asked than the model can answer: the request was refused before any work was done for it.
 * It carries no stack trace, since under overload there are thousands.
 */
public class OverloadedException extends ServingException {

    private static final long serialVersionUID = 1L;

    private final int retryAfterSeconds;

    /**
     * @param message what is full
     * @param retryAfterSeconds when to try again, at least 1
     */
    public OverloadedException(String message, int retryAfterSeconds) {
        super(ErrorKind.OVERLOADED, message);
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /** {@return in how many seconds a caller may try again, at least 1} */
    @Override
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
