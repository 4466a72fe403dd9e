package io.bactrian.limit;

/** A request needs more memory than there is, however long it waits. */
public class InsufficientMemoryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what needs the memory and how much there is
     */
    public InsufficientMemoryException(String message) {
        super(message, null, false, false);
    }

    /**
     * @param message which model and signature
     * @param cause what TensorFlow reported
     */
    public InsufficientMemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
