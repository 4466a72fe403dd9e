package io.bactrian.model;

import io.bactrian.limit.Deadline;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * A model as routes use it: its signatures, and predictions with them. Safe for use by many threads
 * at once. A {@link ServedModel} is a SavedModel; a test may put something else in its place.
 */
public interface Model {

    /** {@return the name under which it is served} */
    String name();

    /**
     * {@return whether the model has this signature and can run it}
     *
     * @param signatureName as for {@link #signature}
     */
    boolean canRun(@Nullable String signatureName);

    /**
     * {@return a signature that can be run}
     *
     * @param signatureName null for {@value Signature#DEFAULT}, or for the model's only signature
     * @throws BadInputException if the model has no such signature or can't run it, with the reason
     */
    Signature signature(@Nullable String signatureName);

    /**
     * Prepares a signature for requests: called before a route that predicts with it starts.
     *
     * @param signature one of this model, from {@link #signature}
     */
    void prepare(Signature signature);

    /**
     * Runs a signature on zeros of the shapes that a pipeline always gives it.
     *
     * @param signature one of this model, from {@link #signature}
     * @param shapes shapes by input name
     * @return why the model rejects the shapes; null if it accepts them or was not run
     */
    @Nullable String refusal(Signature signature, Map<String, Shape> shapes);

    /**
     * Runs a signature.
     *
     * @param signature one of this model, from {@link #signature}
     * @param inputs the tensors by input name, still owned by the caller
     * @param deadline when the request's time is over
     * @return the outputs by name, owned by the caller
     * @throws BadInputException if an input does not match the signature, naming the input
     */
    NamedTensors predict(Signature signature, Map<String, TType> inputs, Deadline deadline);

    /** {@return the folder of the version that is served, where a processor looks for its files} */
    Path path();
}
