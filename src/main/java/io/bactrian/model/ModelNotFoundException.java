package io.bactrian.model;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/** A request names a model or pipeline that is not served here. */
public class ModelNotFoundException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message the name asked for and what there is
     */
    public ModelNotFoundException(String message) {
        super(ErrorKind.NOT_FOUND, message);
    }
}
