package io.bactrian.error;

/** What went wrong when a request failed, as far as its caller can do something about it. */
public enum ErrorKind {
    /** The request is invalid: another one would succeed. */
    INVALID_INPUT,

    /** The model or pipeline that the request names is not here. */
    NOT_FOUND,

    /** The pipeline produces nothing that the request accepts. */
    NOT_ACCEPTABLE,

    /** The request's body is larger than the limit. */
    BODY_TOO_LARGE,

    /** The pipeline does not take the request's media type or charset. */
    UNSUPPORTED_MEDIA_TYPE,

    /** The pipeline or its model contradicts itself: the operator must change it. */
    PIPELINE_FAULT,

    /** The server failed: what happened is in its log, and not for callers. */
    INTERNAL,

    /** The model has an operation that can't be executed here. */
    UNIMPLEMENTED,

    /** Another system answered with what can't be read. */
    BAD_UPSTREAM_ANSWER,

    /** The pipeline or model is broken until somebody mends it. */
    UNAVAILABLE,

    /** There is more to do than can be done now: the same request may succeed later. */
    OVERLOADED,

    /** The server or the model is being stopped: another server may take the request. */
    SHUTTING_DOWN,

    /** The request's deadline passed. */
    DEADLINE_EXCEEDED,

    /** The request needs more memory than there is, however long it waits. */
    INSUFFICIENT_MEMORY
}
