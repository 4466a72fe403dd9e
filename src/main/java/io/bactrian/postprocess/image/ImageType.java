package io.bactrian.postprocess.image;

import io.bactrian.pipeline.MediaType;
import io.bactrian.pipeline.NotAcceptableException;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RequestItems;
import java.util.Locale;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** A format that images in answers are encoded in. */
public enum ImageType {
    /** Lossless. */
    PNG(Integer.MAX_VALUE),
    /** Baseline JPEG in YCbCr, with half as many chroma samples in both directions. */
    JPEG(65_500),
    /** Lossy WebP. */
    WEBP(16_383);

    private static final String PREFIX = "image/";

    private final int maxSide;

    ImageType(int maxSide) {
        this.maxSide = maxSide;
    }

    /** {@return the most pixels of a side} */
    int maxSide() {
        return maxSide;
    }

    /** {@return such as {@code image/png}} */
    public String mediaType() {
        return PREFIX + this;
    }

    /**
     * {@return the type of image that a request accepts rather than JSON; null if it accepts JSON}
     *
     * @param exchange the exchange of the request
     * @throws PipelineFaultException if it is an image, but none of these types
     */
    public static @Nullable ImageType accepted(Exchange exchange) {
        Object accept = exchange.getMessage().getHeader(PipelineConstants.ACCEPT);
        String name =
                accept == null
                        ? ""
                        : MediaType.of(accept.toString()).name().toLowerCase(Locale.ROOT);
        if (!name.startsWith(PREFIX)) {
            return null;
        }
        for (ImageType type : values()) {
            if (type.mediaType().equals(name)) {
                return type;
            }
        }
        throw new PipelineFaultException(
                "the pipeline declares that it produces "
                        + name
                        + ", but images are made as image/png, image/jpeg or image/webp");
    }

    /**
     * Checks that a request for an image has one only.
     *
     * @param exchange the exchange of the request
     * @param images how many it has
     * @param answers what is answered to several, for the error
     * @throws NotAcceptableException if it has several, or a list
     */
    public static void requireOne(Exchange exchange, int images, String answers) {
        if (images != 1 || RequestItems.isList(exchange)) {
            throw new NotAcceptableException(
                    "a list of images has a list of "
                            + answers
                            + ": only application/json can be answered");
        }
    }

    /** {@return the name in lower case, such as {@code png}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
