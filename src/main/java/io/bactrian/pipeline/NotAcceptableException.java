package io.bactrian.pipeline;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/** An answer can't be had in any of the content types that the caller accepts. */
public class NotAcceptableException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what can be had
     */
    public NotAcceptableException(String message) {
        super(ErrorKind.NOT_ACCEPTABLE, message);
    }
}
