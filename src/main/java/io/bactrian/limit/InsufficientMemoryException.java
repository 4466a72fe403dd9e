package io.bactrian.limit;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/** A request needs more memory than there is, however long it waits. */
public class InsufficientMemoryException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what needs the memory and how much there is
     */
    public InsufficientMemoryException(String message) {
        super(ErrorKind.INSUFFICIENT_MEMORY, message);
    }

    /**
     * @param message which model and signature
     * @param cause what TensorFlow reported
     */
    public InsufficientMemoryException(String message, Throwable cause) {
        super(ErrorKind.INSUFFICIENT_MEMORY, message, cause);
    }

    /** {@return the message where it was known beforehand what the request takes} */
    @Override
    public String callerMessage() {
        return getCause() == null ? super.callerMessage() : "not enough memory for this request";
    }
}
