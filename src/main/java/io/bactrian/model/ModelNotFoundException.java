package io.bactrian.model;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/** A request for a model or pipeline that is not served here. */
public class ModelNotFoundException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message the requested name and the available ones
     */
    public ModelNotFoundException(String message) {
        super(ErrorKind.NOT_FOUND, message);
    }
}
