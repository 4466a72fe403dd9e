package io.bactrian.format;

import io.bactrian.tensor.NamedTensors;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request of the Open Inference Protocol.
 *
 * @param id the caller's id of the request, or null
 * @param signatureName the signature to run; null for the default one
 * @param inputs the tensors by input name, which the caller must close
 * @param outputs the outputs to answer, in this order; empty for all of them
 * @param binaryOutputs whether outputs are answered as binary data that do not say it themselves
 */
public record InferRequest(
        @Nullable String id,
        @Nullable String signatureName,
        NamedTensors inputs,
        List<Output> outputs,
        boolean binaryOutputs) {

    /**
     * An output that is asked for.
     *
     * @param name the output's name
     * @param binary whether it is answered as binary data; null if the request as a whole says so
     */
    public record Output(String name, @Nullable Boolean binary) {}
}
