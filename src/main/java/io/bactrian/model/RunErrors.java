package io.bactrian.model;

import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.model.graph.SignatureEffects;
import io.bactrian.session.SessionRunException;
import io.bactrian.tensor.BadInputException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/** The mapping from a failed run of a model to the exception that its caller gets. */
final class RunErrors {

    /** Messages about an operation without a kernel in this process. */
    private static final Pattern MISSING_KERNEL =
            Pattern.compile(
                    "No OpKernel was registered to support Op '(\\w+)'"
                            + "|No registered '(\\w+)' OpKernel");

    private RunErrors() {}

    /**
     * {@return the exception for the caller of the model}
     *
     * @param failure the failed run
     * @param inputs the run's inputs
     */
    static RuntimeException forCaller(
            SessionRunException failure,
            String model,
            Signature signature,
            Map<String, TType> inputs) {
        String unavailable = missingKernel(failure);
        if (unavailable != null) {
            return new BadInputException(Signature.unavailable(signature.name(), unavailable));
        }
        String failed = "model \"" + model + "\" failed in signature \"" + signature.name() + "\"";
        return switch (failure.status()) {
            case INVALID_ARGUMENT, OUT_OF_RANGE -> {
                String problem = signature.shapeProblem(inputs);
                yield new BadInputException(
                        problem != null
                                ? problem + " (" + failure.summary() + ")"
                                : rejection(failure));
            }
            case NOT_FOUND, ALREADY_EXISTS, DATA_LOSS ->
                    new PredictionException(rejection(failure), failure.status(), failure);
            case DEADLINE_EXCEEDED ->
                    new DeadlineExceededException(
                            "deadline exceeded while model \""
                                    + model
                                    + "\" was running signature \""
                                    + signature.name()
                                    + "\"");
            case RESOURCE_EXHAUSTED -> new InsufficientMemoryException(failed, failure);
            default ->
                    new PredictionException(
                            failed + ": " + failure.summary(), failure.status(), failure);
        };
    }

    /** {@return why an operation can't be executed here, or null if the failure is another} */
    private static @Nullable String missingKernel(SessionRunException failure) {
        Matcher kernel = MISSING_KERNEL.matcher(String.valueOf(failure.getMessage()));
        if (!kernel.find()) {
            return null;
        }
        return SignatureEffects.noKernel(
                kernel.group(1) != null ? kernel.group(1) : kernel.group(2));
    }

    private static String rejection(SessionRunException failure) {
        return "the model refused the input: " + failure.summary();
    }
}
