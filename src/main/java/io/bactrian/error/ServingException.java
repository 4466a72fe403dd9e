package io.bactrian.error;

import org.jspecify.annotations.Nullable;

/**
 * A request that can't be served, by the {@linkplain ErrorKind kind} of failure. Those that are no
 * fault of the code that finds them carry no stack trace, since there may be thousands a second.
 */
public abstract class ServingException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorKind kind;

    /**
     * A failure whose message says all: it has no cause and no stack trace.
     *
     * @param kind whose failure it is, which decides the HTTP status
     * @param message a sentence for whoever sent the request
     */
    protected ServingException(ErrorKind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    /**
     * A failure with a cause and a stack trace.
     *
     * @param kind whose failure it is, which decides the HTTP status
     * @param message a sentence for whoever sent the request
     * @param cause what it failed by, for the log; null if that is not known
     */
    protected ServingException(ErrorKind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** {@return the kind of failure} */
    public final ErrorKind kind() {
        return kind;
    }

    /** {@return what went wrong; never null} */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /** {@return what callers are told} By default it is the message. */
    public String callerMessage() {
        return getMessage();
    }

    /** {@return in how many seconds a caller may try again; 0 where that is of no use} */
    public int retryAfterSeconds() {
        return 0;
    }
}
