package io.bactrian.limit;

/**
 * More is asked than the model can answer: the request was refused before any work was done for it.
 * It carries no stack trace, since under overload there are thousands.
 */
public class OverloadedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int retryAfterSeconds;

    /**
     * @param message what is full
     * @param retryAfterSeconds when to try again, at least 1
     */
    public OverloadedException(String message, int retryAfterSeconds) {
        super(message, null, false, false);
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /**
     * @return how long a caller should wait before it tries again, in seconds, at least 1
     */
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
