package io.bactrian.model;

import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.model.graph.SignatureEffects;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.TensorFlowStatus;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tensorflow.types.family.TType;

/** TensorFlow's report of a run that failed, with its status. */
final class SessionRunException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What TensorFlow says of a variable, table or other resource that has no value. */
    private static final Pattern NO_STATE =
            Pattern.compile("uninitialized|not initialized|(Container|Resource) .* does not exist");

    /** What it says of an operation that nothing here executes. */
    private static final Pattern NO_KERNEL =
            Pattern.compile(
                    "No OpKernel was registered to support Op '(\\w+)'"
                            + "|No registered '(\\w+)' OpKernel");

    private final TensorFlowStatus status;

    SessionRunException(TensorFlowStatus status, String message) {
        super(message);
        this.status = status;
    }

    /** {@return TensorFlow's status, corrected where its message says that another is meant} */
    TensorFlowStatus status() {
        boolean noState = NO_STATE.matcher(String.valueOf(getMessage())).find();
        return switch (status) {
            case INVALID_ARGUMENT, NOT_FOUND ->
                    noState ? TensorFlowStatus.FAILED_PRECONDITION : status;
            // Such as the path of a folder where a file is read.
            case FAILED_PRECONDITION -> noState ? status : TensorFlowStatus.INVALID_ARGUMENT;
            default -> status;
        };
    }

    /** {@return what TensorFlow said, in one sentence} */
    String said() {
        return TensorFlowErrorMessage.of(this);
    }

    /**
     * {@return what the caller of a model gets to see}
     *
     * @param inputs those of the run that failed
     */
    RuntimeException forCaller(String model, Signature signature, Map<String, TType> inputs) {
        String unavailable = unavailable();
        if (unavailable != null) {
            return new BadInputException(Signature.unavailable(signature.name(), unavailable));
        }
        String failed = "model \"" + model + "\" failed in signature \"" + signature.name() + "\"";
        return switch (status()) {
            case INVALID_ARGUMENT, OUT_OF_RANGE -> {
                String problem = signature.shapeProblem(inputs);
                yield new BadInputException(
                        problem != null ? problem + " (" + said() + ")" : refusal());
            }
            case NOT_FOUND, ALREADY_EXISTS, DATA_LOSS ->
                    new PredictionException(refusal(), status(), this);
            case DEADLINE_EXCEEDED ->
                    new DeadlineExceededException(
                            "deadline exceeded while model \""
                                    + model
                                    + "\" was running signature \""
                                    + signature.name()
                                    + "\"");
            case RESOURCE_EXHAUSTED -> new InsufficientMemoryException(failed, this);
            default -> new PredictionException(failed + ": " + said(), status(), this);
        };
    }

    private String unavailable() {
        Matcher noKernel = NO_KERNEL.matcher(String.valueOf(getMessage()));
        if (!noKernel.find()) {
            return null;
        }
        String operation = noKernel.group(1) != null ? noKernel.group(1) : noKernel.group(2);
        return SignatureEffects.noKernel(operation);
    }

    private String refusal() {
        return "the model refused the input: " + said();
    }
}
