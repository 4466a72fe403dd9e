package io.bactrian.tensor;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/**
 * An invalid request; the message names the field, dtype, shape or limit that was wrong. It maps to
 * status 400 and carries no stack trace, since the fault is not in the server.
 */
public class BadInputException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what was wrong, so that the caller can correct it
     */
    public BadInputException(String message) {
        super(ErrorKind.INVALID_INPUT, message);
    }
}
