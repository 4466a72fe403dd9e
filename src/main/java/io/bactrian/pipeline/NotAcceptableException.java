package io.bactrian.pipeline;

/** An answer can't be had in any of the content types that the caller accepts. */
public class NotAcceptableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what can be had
     */
    public NotAcceptableException(String message) {
        super(message, null, false, false);
    }
}
