package io.bactrian.pipeline;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/** A body's content type, or the charset that it names, is not one that a pipeline can read. */
public class UnsupportedMediaTypeException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what can be read
     */
    public UnsupportedMediaTypeException(String message) {
        super(ErrorKind.UNSUPPORTED_MEDIA_TYPE, message);
    }
}
