package io.bactrian.pipeline;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

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

    @UriPath(description = "The pipeline's name")
    @Metadata(required = true)
    private final String name;

    @UriParam(description = "The media types it takes, with commas between them. Any if not set")
    private String consumes;

    @UriParam(
            description =
                    "The media types it answers with, with commas between them, the preferred one first")
    private String produces;

    private MediaTypes consumed = MediaTypes.of(null);
    private MediaTypes produced = MediaTypes.of(null);

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

    public String getName() {
        return name;
    }

    public String getConsumes() {
        return consumes;
    }

    public void setConsumes(String consumes) {
        this.consumes = consumes;
        this.consumed = MediaTypes.of(consumes);
    }

    public String getProduces() {
        return produces;
    }

    /**
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
     * @return the media types it takes
     */
    public MediaTypes consumed() {
        return consumed;
    }

    /**
     * @return the media types it answers with
     */
    public MediaTypes produced() {
        return produced;
    }
}
