package io.bactrian.tensor;

import io.bactrian.error.ErrorKind;

/** TensorFlow's canonical error codes ({@code absl::StatusCode}), in the order of their numbers. */
public enum TensorFlowStatus {
    CANCELLED,
    UNKNOWN,
    INVALID_ARGUMENT,
    DEADLINE_EXCEEDED,
    NOT_FOUND,
    ALREADY_EXISTS,
    PERMISSION_DENIED,
    RESOURCE_EXHAUSTED,
    FAILED_PRECONDITION,
    ABORTED,
    OUT_OF_RANGE,
    UNIMPLEMENTED,
    INTERNAL,
    UNAVAILABLE,
    DATA_LOSS,
    UNAUTHENTICATED;

    /**
     * {@return the status; {@link #UNKNOWN} for a number that stands for none, 0 (OK) included}
     *
     * @param code the number that TensorFlow's C API reports, as {@code TF_GetCode} does
     */
    public static TensorFlowStatus of(int code) {
        TensorFlowStatus[] all = values();
        return code >= 1 && code <= all.length ? all[code - 1] : UNKNOWN;
    }

    /**
     * {@return the kind of a run's failure with this status} The request is to blame for what
     * another input would cure, and for nothing else: TensorFlow Serving blames it for more.
     */
    public ErrorKind kind() {
        return switch (this) {
            // DATA_LOSS is bytes that an operation could not decode, NOT_FOUND a file that an
            // input names.
            case INVALID_ARGUMENT, OUT_OF_RANGE, DATA_LOSS, NOT_FOUND, ALREADY_EXISTS ->
                    ErrorKind.INVALID_INPUT;
            // A table or variable without a value, or a right that this process lacks.
            case FAILED_PRECONDITION, PERMISSION_DENIED, UNAUTHENTICATED, UNKNOWN, INTERNAL ->
                    ErrorKind.INTERNAL;
            case ABORTED, CANCELLED, UNAVAILABLE -> ErrorKind.OVERLOADED;
            case RESOURCE_EXHAUSTED -> ErrorKind.INSUFFICIENT_MEMORY;
            case DEADLINE_EXCEEDED -> ErrorKind.DEADLINE_EXCEEDED;
            case UNIMPLEMENTED -> ErrorKind.UNIMPLEMENTED;
        };
    }
}
