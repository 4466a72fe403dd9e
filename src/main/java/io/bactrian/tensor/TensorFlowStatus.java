package io.bactrian.tensor;

import io.bactrian.error.ErrorKind;

/** A canonical error code of TensorFlow ({@code absl::StatusCode}), in the order of the numbers. */
public enum TensorFlowStatus {
    /** The run was cancelled. */
    CANCELLED,
    /** An error without a known code. */
    UNKNOWN,
    /** An operation rejected the values, dtypes or shapes of its inputs. */
    INVALID_ARGUMENT,
    /** The run did not end before its deadline. */
    DEADLINE_EXCEEDED,
    /** A file or another resource that an input names does not exist. */
    NOT_FOUND,
    /** A resource to be created exists already. */
    ALREADY_EXISTS,
    /** The process may not access a file. */
    PERMISSION_DENIED,
    /** There is not enough memory. */
    RESOURCE_EXHAUSTED,
    /** A table or variable is not initialized. */
    FAILED_PRECONDITION,
    /** The run was aborted, for example by a concurrent one. */
    ABORTED,
    /** An index or another value is out of range, or the end of the input is reached. */
    OUT_OF_RANGE,
    /** There is no implementation of the operation, for example for a dtype. */
    UNIMPLEMENTED,
    /** A defect of TensorFlow or the model. */
    INTERNAL,
    /** A service is temporarily not available. */
    UNAVAILABLE,
    /** An operation could not decode its input. */
    DATA_LOSS,
    /** The process has no valid credentials for a resource. */
    UNAUTHENTICATED;

    /**
     * {@return the status; {@link #UNKNOWN} for a number without a constant, including 0 (OK)}
     *
     * @param code the number that TensorFlow's C API reports, as {@code TF_GetCode} does
     */
    public static TensorFlowStatus of(int code) {
        TensorFlowStatus[] all = values();
        return code >= 1 && code <= all.length ? all[code - 1] : UNKNOWN;
    }

    /**
     * {@return the kind of error of a run that failed with this status} Only errors that another
     * input would avoid are errors of the request; TensorFlow Serving reports more as such.
     */
    public ErrorKind kind() {
        return switch (this) {
            // For DATA_LOSS and NOT_FOUND, see their comments: the input causes them.
            case INVALID_ARGUMENT, OUT_OF_RANGE, DATA_LOSS, NOT_FOUND, ALREADY_EXISTS ->
                    ErrorKind.INVALID_INPUT;
            // Uninitialized state, or missing permissions of this process.
            case FAILED_PRECONDITION, PERMISSION_DENIED, UNAUTHENTICATED, UNKNOWN, INTERNAL ->
                    ErrorKind.INTERNAL;
            case ABORTED, CANCELLED, UNAVAILABLE -> ErrorKind.OVERLOADED;
            case RESOURCE_EXHAUSTED -> ErrorKind.INSUFFICIENT_MEMORY;
            case DEADLINE_EXCEEDED -> ErrorKind.DEADLINE_EXCEEDED;
            case UNIMPLEMENTED -> ErrorKind.UNIMPLEMENTED;
        };
    }
}
