package io.bactrian.route;

import io.bactrian.model.ModelRepository;
import io.bactrian.model.ModelVersions;
import io.bactrian.tensorflow.TensorFlowComponent;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.language.SimpleExpression;
import org.apache.camel.spi.PropertiesComponent;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/**
 * A route of a file: which pipeline it is, which models it runs, and what keeps it from starting.
 */
final class WrittenRoute {

    private static final String TENSORFLOW = "tensorflow";
    private static final String PIPELINE = "pipeline";

    private final RouteScope scope;
    private final RouteFile file;
    private final RouteDefinition definition;
    private final Set<String> models = new LinkedHashSet<>();
    private final Set<String> called = new LinkedHashSet<>();
    private String input = "";
    private @Nullable String pipeline;
    private boolean excluded;
    private @Nullable String missingModel;
    private @Nullable String problem;

    WrittenRoute(RouteScope scope, RouteFile file, RouteDefinition definition) {
        this.scope = scope;
        this.file = file;
        this.definition = definition;
    }

    RouteScope scope() {
        return scope;
    }

    RouteFile file() {
        return file;
    }

    RouteDefinition definition() {
        return definition;
    }

    /** {@return the pipeline that the route is, or null} */
    @Nullable String pipeline() {
        return pipeline;
    }

    /** {@return the model that the route runs and nobody has, or null} */
    @Nullable String missingModel() {
        return missingModel;
    }

    /** {@return what keeps the route from being served, or null} */
    @Nullable String problem() {
        return problem;
    }

    void fail(String reason) {
        problem = reason;
    }

    /** {@return whether the route has a precondition that is not met} */
    boolean isExcluded() {
        return excluded;
    }

    /** {@return whether another route has to call this one: it does nothing by itself} */
    boolean isCalled() {
        return pipeline != null || input.startsWith("direct:");
    }

    /** {@return whether this route calls the other} */
    boolean calls(WrittenRoute other) {
        return called.contains(other.input) && (scope == other.scope || other.pipeline != null);
    }

    /** {@return the models that the route runs, as they are called in their directory} */
    Set<String> models() {
        return models;
    }

    /** {@return what the route is called in a report} */
    String name() {
        return pipeline != null ? "pipeline " + pipeline : "route " + definition.getId();
    }

    /** {@return the pipeline's name, or the route's if it is none} */
    String shortName() {
        return pipeline != null ? pipeline : definition.getId();
    }

    /**
     * Finds the models that the route runs. Each is put into the route as an endpoint, since not
     * every model's name can be written in a URI; {@code tensorflow:self} becomes the model that
     * brought the file.
     *
     * @param wantedPipeline the pipeline for which a lone model without a name of its own stands in
     *     for whatever the route calls for, or null
     */
    void resolve(ModelRepository repository, @Nullable String wantedPipeline) {
        CamelContext context = scope.context();
        PropertiesComponent properties = context.getPropertiesComponent();
        try {
            if (definition.getTemplateParameters() != null) {
                properties.setLocalProperties(parameters());
            }
            input = withoutOptions(uri(context, definition.getInput().getEndpointUri()));
            pipeline = nameIn(input, PIPELINE);
            excluded = !meetsPrecondition(context);
            boolean wanted = pipeline != null && pipeline.equals(wantedPipeline);
            for (ToDefinition to :
                    ProcessorDefinitionHelper.filterTypeInOutputs(
                            definition.getOutputs(), ToDefinition.class)) {
                resolve(context, repository, to, wanted);
            }
        } catch (Exception e) {
            problem = FailureReason.innermost(e);
        } finally {
            properties.setLocalProperties(null);
        }
    }

    private boolean meetsPrecondition(CamelContext context) {
        if (definition.getPrecondition() == null) {
            return true;
        }
        SimpleExpression precondition = new SimpleExpression(definition.getPrecondition());
        precondition.initPredicate(context);
        precondition.getPredicate().initPredicate(context);
        return precondition.getPredicate().matches(new DefaultExchange(context));
    }

    /** Those that the route's template was given. */
    private Properties parameters() {
        Properties parameters = new Properties();
        definition
                .getTemplateParameters()
                .forEach((name, value) -> parameters.setProperty(name, String.valueOf(value)));
        return parameters;
    }

    private void resolve(
            CamelContext context, ModelRepository repository, ToDefinition to, boolean wanted)
            throws Exception {
        String uri = uri(context, to.getUri());
        String target = withoutOptions(uri);
        String name = nameIn(target, TENSORFLOW);
        if (name == null) {
            called.add(target);
            return;
        }
        ModelVersions model = find(repository, name, target, wanted);
        if (model == null && name.equals(TensorFlowComponent.SELF)) {
            problem =
                    "tensorflow:self is the model whose code folder a file is in, and this one is"
                            + " in none: call the model by its name, of "
                            + repository.names();
            return;
        }
        if (model == null) {
            missingModel = name;
            problem = "there is no model \"" + name + "\", only " + repository.names();
            return;
        }
        models.add(model.name());
        String failure = repository.failures().get(model.name());
        if (failure != null) {
            problem = "model \"" + model.name() + "\" can't be served: " + failure;
            return;
        }
        Map<String, Object> options = new LinkedHashMap<>();
        if (uri.indexOf('?') >= 0) {
            options.putAll(URISupport.parseQuery(uri.substring(uri.indexOf('?') + 1)));
        }
        to.setEndpoint(CamelContexts.tensorFlow(context).endpoint(model.name(), options));
    }

    private @Nullable ModelVersions find(
            ModelRepository repository, String name, String target, boolean wanted) {
        if (name.equals(TensorFlowComponent.SELF) && file.model() != null) {
            return repository.find(file.model());
        }
        String literal = target.substring(TENSORFLOW.length() + 1).replaceFirst("^//", "");
        for (String each : List.of(literal, name)) {
            if (repository.isNamed(each)) {
                return repository.find(each);
            }
        }
        return wanted ? repository.find(name) : null;
    }

    private static String uri(CamelContext context, String unresolved) {
        return context.resolvePropertyPlaceholders(unresolved).replaceFirst("^(\\w+)://", "$1:");
    }

    private static String withoutOptions(String uri) {
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    /** The name as Camel hands it to a component, which decodes it. */
    private static @Nullable String nameIn(String target, String scheme) {
        if (!target.startsWith(scheme + ":")) {
            return null;
        }
        String name = target.substring(scheme.length() + 1);
        try {
            return URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return name;
        }
    }
}
