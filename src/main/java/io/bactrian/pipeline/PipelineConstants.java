package io.bactrian.pipeline;

import org.apache.camel.spi.Metadata;

/** The names of headers and exchange properties that a pipeline's exchanges carry. */
public final class PipelineConstants {

    /** A header: the media type to answer with, chosen from what the pipeline produces. */
    @Metadata(
            description = "The media type to answer with, chosen from what the pipeline produces",
            javaType = "String")
    public static final String ACCEPT = "CamelPipelineAccept";

    /**
     * An exchange property: the {@link io.bactrian.limit.Deadline} of the request. Preprocessing
     * checks it, and the model must have begun to run by then. See {@link ExchangeDeadline} for the
     * copies of the exchange.
     */
    public static final String DEADLINE = "CamelPipelineDeadline";

    /**
     * An exchange property: whether the request is a list of items, a {@code Boolean}. Then the
     * answer is a list, even of one. See {@link RequestItems}.
     */
    public static final String LIST = "CamelPipelineList";

    /**
     * An exchange property: what a tokenizer made of the request's texts, an {@code
     * io.bactrian.preprocess.text.TokenizedTexts}.
     */
    public static final String TOKENS = "CamelPipelineTokens";

    /**
     * An exchange property: the items of the request that are answered by an error each, a {@link
     * RejectedItems}.
     */
    public static final String REJECTED_ITEMS = "CamelPipelineRejectedItems";

    /**
     * An exchange property: what the request's body was before it became tensors, if that was an
     * object or a list, as after {@code unmarshal: json}: a {@code Map} or a {@code List}.
     */
    public static final String REQUEST = "CamelPipelineRequest";

    /**
     * An exchange property: the feature vectors of the request's rows, an {@code
     * io.bactrian.preprocess.table.FeatureVectors}, if the preprocessor's property {@code keepRows}
     * is set.
     */
    public static final String ROWS = "CamelPipelineRows";

    /**
     * An exchange property: the timestamp of the last row that the model is given of a time series,
     * a {@code Long}: milliseconds since 1970-01-01T00:00Z.
     */
    public static final String TIMESTAMP = "CamelPipelineTimestamp";

    /**
     * An exchange property: whether a greedy decoder needs another run of the model, a {@code
     * Boolean}.
     */
    public static final String DECODING = "CamelPipelineDecoding";

    /**
     * An exchange property: where the request's images are in the model's input, a {@code List} of
     * {@link ImageGeometry}, one for each image.
     */
    public static final String IMAGES = "CamelPipelineImages";

    /**
     * An exchange property: the request's images, to draw the answer on or cut boxes out, a {@code
     * List} of {@code io.bactrian.preprocess.image.KeptImage}, if the preprocessor's property
     * {@code keepImages} is set.
     */
    public static final String KEPT_IMAGES = "CamelPipelineKeptImages";

    private PipelineConstants() {}
}
