package io.bactrian.session;

import io.bactrian.tensor.TensorFlowStatus;
import java.util.regex.Pattern;

/** A run that TensorFlow reported as failed, with TensorFlow's status and message. */
public final class SessionRunException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Messages about a variable, table or other resource that has no value. */
    private static final Pattern MISSING_STATE =
            Pattern.compile("uninitialized|not initialized|(Container|Resource) .* does not exist");

    private final TensorFlowStatus status;

    /**
     * @param status as reported
     * @param message as reported
     */
    public SessionRunException(TensorFlowStatus status, String message) {
        super(message);
        this.status = status;
    }

    /** {@return TensorFlow's status, corrected where its message contradicts it} */
    public TensorFlowStatus status() {
        boolean missingState = MISSING_STATE.matcher(String.valueOf(getMessage())).find();
        return switch (status) {
            case INVALID_ARGUMENT, NOT_FOUND ->
                    missingState ? TensorFlowStatus.FAILED_PRECONDITION : status;
            // Without missing state it is about the input: the path of a folder in place of a file.
            case FAILED_PRECONDITION -> missingState ? status : TensorFlowStatus.INVALID_ARGUMENT;
            default -> status;
        };
    }

    /** {@return TensorFlow's message in one sentence, without node names and stack traces} */
    public String summary() {
        return TensorFlowErrorMessage.summaryOf(this);
    }
}
