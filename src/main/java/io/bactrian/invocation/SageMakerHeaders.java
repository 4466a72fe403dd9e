package io.bactrian.invocation;

import org.apache.camel.spi.Metadata;

/** SageMaker's request headers, and the names under which a pipeline finds their values. */
public final class SageMakerHeaders {

    /**
     * Opaque to SageMaker, both ways: an answer carries it only if the pipeline sets a header of
     * this name.
     */
    public static final String CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes";

    /** Names the model of a multi-model endpoint. */
    public static final String TARGET_MODEL = "X-Amzn-SageMaker-Target-Model";

    /** The caller's id of the request. */
    public static final String INFERENCE_ID = "X-Amzn-SageMaker-Inference-Id";

    /** A message header of the route: the request's custom attributes. */
    @Metadata(description = "The request's custom attributes", javaType = "String")
    public static final String REQUEST_CUSTOM_ATTRIBUTES = "CamelSageMakerCustomAttributes";

    /** A message header of the route: the caller's id of the request. */
    @Metadata(description = "The caller's id of the request", javaType = "String")
    public static final String REQUEST_INFERENCE_ID = "CamelSageMakerInferenceId";

    private SageMakerHeaders() {}
}
