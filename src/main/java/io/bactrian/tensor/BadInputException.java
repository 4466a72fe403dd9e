package io.bactrian.tensor;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/**
 * The request is at fault: its message names the field, dtype, shape or limit that was wrong. It
 * maps to status 400 and carries no stack trace, since a bad request is no event of ours.
 */
public class BadInputException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what was wrong, in words the caller can act on
     */
    public BadInputException(String message) {
        super(ErrorKind.INVALID_INPUT, message);
    }
}
