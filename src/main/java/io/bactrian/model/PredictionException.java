package io.bactrian.model;

import io.bactrian.error.ErrorKind;
import io.bactrian.error.ServingException;
import io.bactrian.tensor.TensorFlowStatus;

/** A run of a model that failed with a TensorFlow status. */
public class PredictionException extends ServingException {

    private static final long serialVersionUID = 1L;

    private final TensorFlowStatus status;

    /**
     * A failure without a known status: a fault of the model or of this software, not of the
     * caller.
     *
     * @param message the model and signature
     * @param cause TensorFlow's error
     */
    public PredictionException(String message, Throwable cause) {
        this(message, TensorFlowStatus.UNKNOWN, cause);
    }

    /**
     * @param message the model, the signature and the error; shown to callers unless the status is
     *     of {@link io.bactrian.error.ErrorKind#INTERNAL internal} kind
     * @param status TensorFlow's status
     * @param cause TensorFlow's error
     */
    public PredictionException(String message, TensorFlowStatus status, Throwable cause) {
        super(status.kind(), message, cause);
        this.status = status;
    }

    /** {@return TensorFlow's status} */
    public TensorFlowStatus status() {
        return status;
    }

    /** {@return 1 if TensorFlow aborted the run and a retry may succeed; else 0} */
    @Override
    public int retryAfterSeconds() {
        return kind() == ErrorKind.OVERLOADED ? 1 : 0;
    }
}
