package io.bactrian.pipeline;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/** A pipeline that is there can't be served until somebody has mended it. */
public class PipelineUnavailableException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message which pipeline and why
     */
    public PipelineUnavailableException(String message) {
        super(ErrorKind.UNAVAILABLE, message);
    }
}
