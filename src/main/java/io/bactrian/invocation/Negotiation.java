package io.bactrian.invocation;

import io.bactrian.pipeline.MediaType;
import io.bactrian.pipeline.MediaTypes;
import io.bactrian.pipeline.NotAcceptableException;
import io.bactrian.pipeline.PipelineEndpoint;
import io.bactrian.pipeline.UnsupportedMediaTypeException;
import io.bactrian.tensor.BadInputException;
import java.nio.charset.Charset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the content types of a request to a pipeline are (RFC 9110, sections 8.3 and 12): that of
 * its body, and that of its answer.
 */
public final class Negotiation {

    private static final String ANY = "*/*";
    private static final String BYTES = "application/octet-stream";
    private static final String TEXT = "text/plain; charset=utf-8";

    private final PipelineEndpoint pipeline;
    private final @Nullable String contentType;
    private final @Nullable Charset charset;
    private final String accept;
    private final @Nullable String chosen;

    /**
     * @param pipeline says what it consumes and produces
     * @param headers the request's
     * @throws BadInputException if the request has several content types
     * @throws UnsupportedMediaTypeException if the pipeline does not take the body's type, or its
     *     charset is not known
     * @throws NotAcceptableException if the pipeline produces nothing that the request accepts
     */
    public Negotiation(PipelineEndpoint pipeline, RequestHeaders headers) {
        this.pipeline = pipeline;
        String sent = contentType(headers.all("Content-Type"));
        if (sent == null) {
            // As SageMaker's own containers do, a request that does not say is taken for the usual
            // type.
            contentType = pipeline.consumed().first();
            charset = null;
        } else {
            MediaType type = MediaType.of(sent);
            if (!pipeline.consumed().includes(type)) {
                throw new UnsupportedMediaTypeException(
                        "pipeline \""
                                + pipeline.getName()
                                + "\" takes "
                                + pipeline.consumed()
                                + ", not this Content-Type");
            }
            contentType = sent;
            charset = type.charset();
        }
        // Several lines are one list.
        accept = String.join(",", headers.all("Accept"));
        if (!pipeline.produced().canSatisfy(accept)) {
            throw new NotAcceptableException(
                    "pipeline \""
                            + pipeline.getName()
                            + "\" answers with "
                            + pipeline.produced()
                            + ", which Accept does not take");
        }
        chosen = pipeline.produced().choose(accept);
    }

    private static @Nullable String contentType(List<String> sent) {
        if (sent.stream().distinct().count() > 1) {
            throw new BadInputException("the request has more than one Content-Type");
        }
        return sent.isEmpty() || sent.get(0).isBlank() || sent.get(0).strip().equals(ANY)
                ? null
                : sent.get(0);
    }

    /**
     * {@return the body's type: the request's, or else the first that the pipeline consumes; null
     * if it consumes any}
     */
    @Nullable String contentType() {
        return contentType;
    }

    /** {@return the charset that the request names, or null} */
    @Nullable Charset charset() {
        return charset;
    }

    /** {@return the type to answer with; null if the pipeline may choose} */
    @Nullable String chosen() {
        return chosen;
    }

    /**
     * {@return the answer's type}
     *
     * @param set the type that the route has set, or null
     * @param isText whether the route gave text, not bytes
     * @throws NotAcceptableException if the route has set one that the request does not accept
     */
    MediaType ofAnswer(@Nullable String set, boolean isText) {
        if (set == null || set.isBlank()) {
            // A range that the pipeline declares says nothing about this answer.
            if (chosen != null && pipeline.produced().names(chosen)) {
                return MediaType.of(chosen);
            }
            return MediaType.of(isText ? TEXT : BYTES);
        }
        MediaType type = MediaType.of(set);
        if (!MediaTypes.of(accept).accepts(type)) {
            throw new NotAcceptableException(
                    "pipeline \""
                            + pipeline.getName()
                            + "\" answers with "
                            + type.name()
                            + ", which Accept does not take");
        }
        return type;
    }
}
