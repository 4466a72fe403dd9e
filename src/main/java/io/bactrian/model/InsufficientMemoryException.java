package io.bactrian.model;

/** There was not enough memory for a prediction. */
public class InsufficientMemoryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message which model and signature
     * @param cause what TensorFlow said
     */
    public InsufficientMemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
