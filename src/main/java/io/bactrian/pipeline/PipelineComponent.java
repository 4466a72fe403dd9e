package io.bactrian.pipeline;

import java.util.Map;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.CamelContextHelper;
import org.apache.camel.support.DefaultComponent;
import org.jspecify.annotations.Nullable;

/** Serves and calls pipelines by name, from its context's {@link PipelineRegistry}. */
@Component("pipeline")
public class PipelineComponent extends DefaultComponent {

    private @Nullable PipelineRegistry pipelines;

    /**
     * {@return the component of {@code context}}
     *
     * @param context the Camel context, which must have a {@code pipeline} component
     */
    public static PipelineComponent of(CamelContext context) {
        return context.getComponent("pipeline", PipelineComponent.class);
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        pipelines = CamelContextHelper.findSingleByType(getCamelContext(), PipelineRegistry.class);
        if (pipelines == null) {
            pipelines = new PipelineRegistry();
        }
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        UriNames.refuseReferences(parameters);
        PipelineEndpoint endpoint = new PipelineEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    /**
     * {@return an endpoint that is known to nobody yet}
     *
     * @param name any name at all, which need not be fit for a URI
     */
    public PipelineEndpoint endpoint(String name) {
        PipelineEndpoint endpoint =
                new PipelineEndpoint("pipeline:" + UriNames.encode(name), this, name);
        endpoint.setCamelContext(getCamelContext());
        return endpoint;
    }

    /** {@return the pipelines that this component serves and calls} */
    public PipelineRegistry pipelines() {
        return Objects.requireNonNull(pipelines, "the component is not initialized");
    }
}
