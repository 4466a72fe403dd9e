package io.bactrian.pipeline;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

/** Knows the pipelines of a Camel context by name. */
@Component("pipeline")
public class PipelineComponent extends DefaultComponent {

    private final Map<String, PipelineConsumer> consumers = new ConcurrentHashMap<>();
    private final Map<String, String> broken = new ConcurrentHashMap<>();

    /**
     * @return the component of {@code context}
     */
    public static PipelineComponent of(CamelContext context) {
        return context.getComponent("pipeline", PipelineComponent.class);
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        PipelineEndpoint endpoint = new PipelineEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    /**
     * @param name any name at all, which need not be fit for a URI
     * @return an endpoint that is known to nobody yet
     */
    public PipelineEndpoint endpoint(String name) {
        PipelineEndpoint endpoint =
                new PipelineEndpoint("pipeline:" + UriNames.encode(name), this, name);
        endpoint.setCamelContext(getCamelContext());
        return endpoint;
    }

    /**
     * Notes that a pipeline can't be served: whoever calls it is told why.
     *
     * @param reason a sentence
     */
    public void setBroken(String name, String reason) {
        broken.put(name, reason);
    }

    /**
     * @return why the pipeline of that name can't be served, or null if nothing is known of it
     */
    public String brokenReason(String name) {
        return broken.get(name);
    }

    /**
     * @return the pipeline of that name, or null if none is started
     */
    public PipelineConsumer pipeline(String name) {
        return consumers.get(name);
    }

    /**
     * @return the started pipelines, by name
     */
    public Collection<PipelineConsumer> pipelines() {
        return List.copyOf(new TreeMap<>(consumers).values());
    }

    void add(PipelineConsumer consumer) {
        String name = consumer.getEndpoint().getName();
        if (consumers.putIfAbsent(name, consumer) != null) {
            throw new IllegalArgumentException("two routes from pipeline:" + name);
        }
    }

    void remove(PipelineConsumer consumer) {
        consumers.remove(consumer.getEndpoint().getName(), consumer);
    }
}
