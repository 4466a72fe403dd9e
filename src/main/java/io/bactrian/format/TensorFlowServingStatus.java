package io.bactrian.format;

import io.bactrian.tensor.TensorFlowStatus;

/** The HTTP statuses of TensorFlow's statuses in TensorFlow Serving's REST API. */
public final class TensorFlowServingStatus {

    private TensorFlowServingStatus() {}

    /**
     * {@return the HTTP status of a run that failed, as in TensorFlow Serving's http_server.cc}
     *
     * @param status the status of the run
     */
    public static int of(TensorFlowStatus status) {
        return switch (status) {
            case INVALID_ARGUMENT, OUT_OF_RANGE, FAILED_PRECONDITION -> 400;
            case UNAUTHENTICATED -> 401;
            case PERMISSION_DENIED -> 403;
            case NOT_FOUND -> 404;
            case ALREADY_EXISTS, ABORTED -> 409;
            case RESOURCE_EXHAUSTED -> 429;
            case CANCELLED -> 499;
            case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
            case UNIMPLEMENTED -> 501;
            case UNAVAILABLE -> 503;
            case DEADLINE_EXCEEDED -> 504;
        };
    }
}
