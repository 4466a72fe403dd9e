package io.bactrian.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pipeline by name: {@code from} it a route serves requests, {@code to} it another route calls
 * it, on the caller's thread as with {@code direct:}.
 */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "pipeline",
        title = "Pipeline",
        syntax = "pipeline:name",
        remote = false,
        category = {Category.AI},
        headersClass = PipelineConstants.class)
public class PipelineEndpoint extends DefaultEndpoint {

    private static final Logger LOG = LoggerFactory.getLogger(PipelineEndpoint.class);

    /** Of the W3C's Trace Context. */
    private static final List<String> TRACE_CONTEXT = List.of("traceparent", "tracestate");

    @UriPath(description = "The pipeline's name")
    @Metadata(required = true)
    private final String name;

    @UriParam(description = "The media types it takes, with commas between them. Any if not set")
    private @Nullable String consumes;

    @UriParam(
            description =
                    "The media types it answers with, with commas between them, the preferred one first")
    private @Nullable String produces;

    @UriParam(
            description =
                    "The HTTP request's headers that the route sees, by name, with commas between them."
                            + " It always sees traceparent and tracestate, and no others")
    private @Nullable String requestHeaders;

    private List<String> visibleHeaders = TRACE_CONTEXT;
    private MediaTypes consumed = MediaTypes.of(null);
    private MediaTypes produced = MediaTypes.of(null);
    private final AtomicBoolean undeclaredLogged = new AtomicBoolean();

    PipelineEndpoint(String uri, PipelineComponent component, String name) {
        super(uri, component);
        this.name = name;
    }

    @Override
    public PipelineComponent getComponent() {
        return (PipelineComponent) super.getComponent();
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        PipelineConsumer consumer = new PipelineConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public Producer createProducer() {
        return new PipelineProducer(this);
    }

    @Override
    public boolean isRemote() {
        return false;
    }

    /** {@return the pipeline's name} */
    public String getName() {
        return name;
    }

    /** {@return the media types that the pipeline consumes; null for any} */
    public @Nullable String getConsumes() {
        return consumes;
    }

    /**
     * Sets the media types that the pipeline consumes.
     *
     * @param consumes with commas between, such as {@code image/jpeg,image/png}; null for any
     * @throws IllegalArgumentException if one is no media type, or names a charset that is not
     *     known here
     */
    public void setConsumes(String consumes) {
        this.consumes = consumes;
        this.consumed = MediaTypes.of(consumes);
    }

    /** {@return the media types that the pipeline produces; null for any} */
    public @Nullable String getProduces() {
        return produces;
    }

    /**
     * Sets the media types that the pipeline produces, with commas between.
     *
     * @param produces such as {@code application/json}, the preferred one first
     * @throws IllegalArgumentException if one names a charset that is not known here
     */
    public void setProduces(String produces) {
        MediaTypes types = MediaTypes.of(produces);
        if (!types.hasKnownCharsets()) {
            throw new IllegalArgumentException(
                    "produces: no charset of that name is known here: " + produces);
        }
        this.produces = produces;
        this.produced = types;
    }

    /**
     * {@return the names of the request headers that the pipeline sees; null for those of Trace
     * Context alone}
     */
    public @Nullable String getRequestHeaders() {
        return requestHeaders;
    }

    /**
     * Sets the names of the request headers that the pipeline sees, with commas between.
     *
     * @param requestHeaders such as {@code X-Request-Id}; null for none but those of Trace Context
     * @throws IllegalArgumentException if one is not the name of a header, or one that steers Camel
     */
    public void setRequestHeaders(String requestHeaders) {
        List<String> names = new ArrayList<>(TRACE_CONTEXT);
        for (String name : requestHeaders.split(",", -1)) {
            String stripped = name.strip();
            if (!HttpToken.matches(stripped)) {
                throw new IllegalArgumentException(
                        "requestHeaders: \"" + stripped + "\" is not the name of a header");
            }
            if (stripped.regionMatches(true, 0, "Camel", 0, "Camel".length())) {
                throw new IllegalArgumentException(
                        "requestHeaders: a request could steer the route by " + stripped);
            }
            names.add(stripped);
        }
        this.requestHeaders = requestHeaders;
        this.visibleHeaders = List.copyOf(names);
    }

    /** {@return the names of the HTTP request's headers that the route sees} */
    public List<String> visibleHeaders() {
        return visibleHeaders;
    }

    /** {@return the media types it takes} */
    public MediaTypes consumed() {
        return consumed;
    }

    /** {@return the media types it answers with} */
    public MediaTypes produced() {
        return produced;
    }

    /**
     * Logs, for the first answer only, that it has a media type that the pipeline does not declare.
     *
     * @param type the media type of the answer
     */
    public void checkProduced(MediaType type) {
        if (!produced.includes(type) && undeclaredLogged.compareAndSet(false, true)) {
            LOG.warn(
                    "pipeline \"{}\" answers with {}, but declares that it produces {}",
                    name,
                    type,
                    produced);
        }
    }
}
