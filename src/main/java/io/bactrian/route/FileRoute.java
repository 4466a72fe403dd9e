package io.bactrian.route;

import io.bactrian.model.ModelRepository;
import io.bactrian.model.ModelVersions;
import io.bactrian.pipeline.UriNames;
import io.bactrian.tensorflow.TensorFlowComponent;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.RouteTemplateContext;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.language.SimpleExpression;
import org.apache.camel.spi.LocalBeanRepositoryAware;
import org.apache.camel.spi.PropertiesComponent;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.LocalBeanRegistry;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/**
 * A route of a route file, with the pipeline that it defines, the models and routes that it calls,
 * and the reason if it can't be served.
 */
final class FileRoute {

    /** The reason of a pipeline whose route does not start by itself. */
    static final String NOT_STARTED = "the route was not started: look at its autoStartup";

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

    FileRoute(RouteScope scope, RouteFile file, RouteDefinition definition) {
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

    /** {@return the pipeline that the route defines, or null} */
    @Nullable String pipeline() {
        return pipeline;
    }

    /** {@return the model that the route calls but that does not exist, or null} */
    @Nullable String missingModel() {
        return missingModel;
    }

    /** {@return the reason why the route can't be served, or null} */
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

    /** {@return whether the route only runs when it is called by a request or another route} */
    boolean isPassive() {
        return pipeline != null || input.startsWith("direct:");
    }

    /** {@return whether this route calls another route} */
    boolean calls(FileRoute other) {
        return called.contains(other.input) && (scope == other.scope || other.pipeline != null);
    }

    /** {@return the models that the route runs, by their names in the repository} */
    Set<String> models() {
        return models;
    }

    /** {@return the route's name in messages, such as "pipeline x" or "route y"} */
    String name() {
        return pipeline != null ? "pipeline " + pipeline : "route " + definition.getId();
    }

    /** {@return the pipeline's name, or the route's id if it is not a pipeline} */
    String shortName() {
        return pipeline != null ? pipeline : definition.getId();
    }

    /**
     * Resolves the models that the route runs. Each is set as an endpoint object, since not every
     * model name can be written in a URI; {@code tensorflow:self} becomes the model whose code
     * folder the file is in.
     *
     * @param defaultPipeline the pipeline whose model, whatever its name, is the only model of the
     *     repository if that model has no name of its own; or null
     */
    void resolve(ModelRepository repository, @Nullable String defaultPipeline) {
        withParameters(
                () -> {
                    try {
                        resolveAll(scope.context(), repository, defaultPipeline);
                    } catch (Exception e) {
                        problem = FailureReason.innermost(e);
                    }
                });
    }

    private void resolveAll(
            CamelContext context, ModelRepository repository, @Nullable String defaultPipeline)
            throws Exception {
        input = withoutOptions(uri(context, definition.getInput().getEndpointUri()));
        pipeline = targetName(input, PIPELINE);
        excluded = !meetsPrecondition(context);
        boolean isDefault = pipeline != null && pipeline.equals(defaultPipeline);
        for (ToDefinition to :
                ProcessorDefinitionHelper.filterTypeInOutputs(
                        definition.getOutputs(), ToDefinition.class)) {
            resolve(context, repository, to, isDefault);
        }
    }

    /**
     * Does something in which the parameters and the beans of the route's template have their
     * values, if a template made the route.
     */
    void withParameters(Runnable action) {
        CamelContext context = scope.context();
        PropertiesComponent properties = context.getPropertiesComponent();
        RouteTemplateContext template = definition.getRouteTemplateContext();
        try {
            if (definition.getTemplateParameters() != null) {
                properties.setLocalProperties(parameters());
            }
            if (template != null
                    && context.getRegistry() instanceof LocalBeanRepositoryAware beans) {
                beans.setLocalBeanRepository(template.getLocalBeanRepository());
            }
            action.run();
        } finally {
            properties.setLocalProperties(null);
            if (context.getRegistry() instanceof LocalBeanRepositoryAware beans) {
                beans.setLocalBeanRepository(null);
            }
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

    /**
     * {@return the parameters of the route's template, and its beans, which stand for themselves}
     */
    private Properties parameters() {
        Properties parameters = new Properties();
        RouteTemplateContext template = definition.getRouteTemplateContext();
        if (template != null
                && template.getLocalBeanRepository() instanceof LocalBeanRegistry beans) {
            beans.keys().forEach(name -> parameters.setProperty(name, name));
        }
        definition
                .getTemplateParameters()
                .forEach((name, value) -> parameters.setProperty(name, String.valueOf(value)));
        return parameters;
    }

    private void resolve(
            CamelContext context, ModelRepository repository, ToDefinition to, boolean isDefault)
            throws Exception {
        String uri = uri(context, to.getUri());
        String target = withoutOptions(uri);
        String name = targetName(target, TENSORFLOW);
        if (name == null) {
            called.add(target);
            return;
        }
        ModelVersions model = find(repository, name, target, isDefault);
        if (model == null && name.equals(TensorFlowComponent.SELF) && file.model() == null) {
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
            ModelRepository repository, String name, String target, boolean isDefault) {
        if (name.equals(TensorFlowComponent.SELF) && file.model() != null) {
            return repository.find(file.model());
        }
        String literal = target.substring(TENSORFLOW.length() + 1).replaceFirst("^//", "");
        for (String each : List.of(literal, name)) {
            if (repository.isNamed(each)) {
                return repository.find(each);
            }
        }
        return isDefault ? repository.find(name) : null;
    }

    private static String uri(CamelContext context, String unresolved) {
        return context.resolvePropertyPlaceholders(unresolved).replaceFirst("^(\\w+)://", "$1:");
    }

    private static String withoutOptions(String uri) {
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    /**
     * {@return the decoded name in an endpoint URI, as Camel passes it to the component, or null}
     */
    private static @Nullable String targetName(String target, String scheme) {
        if (!target.startsWith(scheme + ":")) {
            return null;
        }
        String name = target.substring(scheme.length() + 1);
        try {
            return UriNames.decode(name);
        } catch (IllegalArgumentException e) {
            return name;
        }
    }
}
