package io.bactrian.pipeline;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;

/**
 * A fault of a pipeline itself: a property with a wrong value, a processor that does not fit the
 * model beside it, or an answer of the model that the processor can't make sense of.
 *
 * <p>At start it keeps the route from starting. In answer to a request it maps to status 500, since
 * only the operator can act on it, but unlike other faults the caller is given the message. It
 * carries no stack trace, since the message names what to change.
 */
public class PipelineFaultException extends ServingException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message which property or output is wrong, with both values that disagree; it is shown
     *     to callers
     */
    public PipelineFaultException(String message) {
        super(ErrorKind.PIPELINE_FAULT, message);
    }

    /**
     * {@return the fault of a property with a wrong value}
     *
     * @param name the property
     * @param expected the values that it takes, such as {@code from 1 to 65535}
     * @param value the value that it has
     */
    public static PipelineFaultException property(String name, String expected, Object value) {
        return new PipelineFaultException(name + " must be " + expected + ", got " + value);
    }
}
