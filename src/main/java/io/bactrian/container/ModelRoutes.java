package io.bactrian.container;

import io.bactrian.model.ModelRepository;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.RouteBuilderLifecycleStrategy;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDefinition;

/**
 * Fits the routes of a YAML file to the models there are: {@code tensorflow:self} becomes the model
 * that brought the file, and a route whose model is not there is left out, since the image's
 * example pipelines should not keep another model from being served.
 */
final class ModelRoutes implements RouteBuilderLifecycleStrategy {

    private static final String TENSORFLOW = "tensorflow:";
    private static final String PIPELINE = "pipeline:";
    private static final String SELF = "self";

    private final ModelRepository repository;
    private final String self;
    private final String wantedPipeline;
    private final List<String> served = new ArrayList<>();
    private final Map<String, String> leftOut = new LinkedHashMap<>();

    /**
     * @param self the model the routes came with, or null
     * @param wantedPipeline the pipeline that must be served, or null
     */
    ModelRoutes(ModelRepository repository, String self, String wantedPipeline) {
        this.repository = repository;
        this.self = self;
        this.wantedPipeline = wantedPipeline;
    }

    /**
     * @return the names of the pipelines that are served
     */
    List<String> served() {
        return served;
    }

    /**
     * @return for each pipeline left out, the model it lacks
     */
    Map<String, String> leftOut() {
        return leftOut;
    }

    @Override
    public void beforeConfigure(RouteBuilder builder) {
        // Nothing is known of the routes yet.
    }

    @Override
    public void afterConfigure(RouteBuilder builder) {
        builder.getRouteCollection()
                .getRoutes()
                .removeIf(route -> !fit(builder.getContext(), route));
    }

    private boolean fit(CamelContext context, RouteDefinition route) {
        String pipeline = nameIn(context, route.getInput().getEndpointUri(), PIPELINE);
        for (ToDefinition to :
                ProcessorDefinitionHelper.filterTypeInOutputs(
                        route.getOutputs(), ToDefinition.class)) {
            String model = nameIn(context, to.getUri(), TENSORFLOW);
            if (SELF.equals(model) && self != null) {
                to.setUri(to.getUri().replaceFirst(TENSORFLOW + "(//)?" + SELF, TENSORFLOW + self));
                model = self;
            }
            if (model != null && !isThere(model, pipeline)) {
                leftOut.put(pipeline == null ? route.getId() : pipeline, model);
                return false;
            }
        }
        if (pipeline != null) {
            served.add(pipeline);
        }
        return true;
    }

    /**
     * A lone model without a name of its own stands in for whatever the wanted pipeline calls for.
     */
    private boolean isThere(String model, String pipeline) {
        return repository.isNamed(model)
                || pipeline != null
                        && pipeline.equals(wantedPipeline)
                        && repository.find(model) != null;
    }

    private static String nameIn(CamelContext context, String unresolved, String scheme) {
        String uri = context.resolvePropertyPlaceholders(unresolved);
        if (!uri.startsWith(scheme)) {
            return null;
        }
        String name = uri.substring(scheme.length()).replaceFirst("^//", "");
        int query = name.indexOf('?');
        return query < 0 ? name : name.substring(0, query);
    }
}
