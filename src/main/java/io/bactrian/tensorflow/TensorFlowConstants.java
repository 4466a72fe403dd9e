package io.bactrian.tensorflow;

import org.apache.camel.spi.Metadata;

/** The names of the headers that the {@code tensorflow:} component reads. */
public final class TensorFlowConstants {

    /** The signature to run for this message, in place of the endpoint's. */
    @Metadata(
            description = "The signature to run for this message, in place of the endpoint's",
            javaType = "String")
    public static final String SIGNATURE_NAME = "CamelTensorFlowSignatureName";

    private TensorFlowConstants() {}
}
