package io.bactrian.pipeline;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/** A route calls a pipeline by a name that no pipeline has. */
public class PipelineNotFoundException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message the name, and those that there are
     */
    public PipelineNotFoundException(String message) {
        super(ErrorKind.NOT_FOUND, message);
    }
}
