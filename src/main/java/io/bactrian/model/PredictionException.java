package io.bactrian.model;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;
import io.bactrian.tensor.TensorFlowStatus;

/** A run of a model failed with a status of TensorFlow's. */
public class PredictionException extends ServingException {

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
     * @param message which model and signature, and what was wrong; shown to callers unless the
     *     status is of {@link io.bactrian.error.ErrorKind#INTERNAL internal} kind
     * @param status TensorFlow's status
     * @param cause what TensorFlow said
     */
    public PredictionException(String message, TensorFlowStatus status, Throwable cause) {
        super(status.kind(), message, cause);
        this.status = status;
    }

    /** {@return TensorFlow's status} */
    public TensorFlowStatus status() {
        return status;
    }

    /** {@return 1 where the run was given up by TensorFlow, and another may end; else 0} */
    @Override
    public int retryAfterSeconds() {
        return kind() == ErrorKind.OVERLOADED ? 1 : 0;
    }
}
