package io.bactrian.tensor;

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
     * @param code the number that TensorFlow's C API reports, as {@code TF_GetCode} does
     * @return the status; {@link #UNKNOWN} for a number that stands for none, 0 (OK) included
     */
    public static TensorFlowStatus of(int code) {
        TensorFlowStatus[] all = values();
        return code >= 1 && code <= all.length ? all[code - 1] : UNKNOWN;
    }
}
