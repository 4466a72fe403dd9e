package io.bactrian.limit;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/**
 * A request's {@link Deadline} passed before its turn came: it was never run. It carries no stack
 * trace, since a late request is no fault of the code that found it late.
 */
public class DeadlineExceededException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message where the request was when its deadline was exceeded
     */
    public DeadlineExceededException(String message) {
        super(ErrorKind.DEADLINE_EXCEEDED, message);
    }
}
