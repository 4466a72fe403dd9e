package io.bactrian.format;

import io.bactrian.tensor.NamedTensors;
import org.jspecify.annotations.Nullable;

/**
 * A predict request as it was read.
 *
 * @param signatureName the signature it asks for; null for the default one
 * @param layout the layout of the request, which is to be that of the answer
 * @param inputs a tensor for each input of the signature; owned by whoever has the request
 */
public record PredictRequest(
        @Nullable String signatureName, PredictLayout layout, NamedTensors inputs) {}
