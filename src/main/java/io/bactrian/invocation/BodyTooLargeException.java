package io.bactrian.invocation;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/** A request's body is larger than the largest one taken. */
public final class BodyTooLargeException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param maxBytes the largest body taken
     */
    public BodyTooLargeException(long maxBytes) {
        super(
                ErrorKind.BODY_TOO_LARGE,
                "the body is larger than the limit of " + maxBytes + " bytes");
    }
}
