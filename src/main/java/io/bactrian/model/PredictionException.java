package io.bactrian.model;

import io.bactrian.tensor.TensorFlowStatus;

/** A run of a model failed with a status of TensorFlow's. */
public class PredictionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final TensorFlowStatus status;

    /**
     * A failure of which no status is known: a fault of the model or of ours, not the caller's.
     *
     * @param message which model and signature
     * @param cause what TensorFlow said
     */
    public PredictionException(String message, Throwable cause) {
        this(message, TensorFlowStatus.UNKNOWN, cause);
    }

    /**
     * @param message which model and signature, and what was wrong: callers get to see it where
     *     {@link io.bactrian.format.Dialect#httpStatus} says that another request would fare better
     * @param status TensorFlow's status
     * @param cause what TensorFlow said
     */
    public PredictionException(String message, TensorFlowStatus status, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** {@return TensorFlow's status} */
    public TensorFlowStatus status() {
        return status;
    }
}
