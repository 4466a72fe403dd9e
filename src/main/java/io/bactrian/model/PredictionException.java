package io.bactrian.model;

/**
 * The model failed on an input that was in order: a fault of the model or of ours, not the
 * caller's.
 */
public class PredictionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message which model and signature
     * @param cause what TensorFlow said
     */
    public PredictionException(String message, Throwable cause) {
        super(message, cause);
    }
}
