package io.bactrian.invocation;

/** A request's body is larger than the largest one taken. */
public final class BodyTooLargeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param maxBytes the largest body taken
     */
    public BodyTooLargeException(long maxBytes) {
        super("the body is larger than the limit of " + maxBytes + " bytes", null, false, false);
    }
}
