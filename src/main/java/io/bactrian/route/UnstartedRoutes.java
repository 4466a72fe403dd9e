package io.bactrian.route;

import io.bactrian.limit.MemoryBudget;
import io.bactrian.model.ModelRepository;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.NoSuchEndpointException;
import org.apache.camel.NoSuchLanguageException;
import org.apache.camel.Route;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.DataFormatDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.MarshalDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteDefinitionHelper;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.UnmarshalDefinition;
import org.apache.camel.model.language.ExpressionDefinition;
import org.apache.camel.reifier.dataformat.DataFormatReifier;
import org.apache.camel.support.CamelContextHelper;
import org.jspecify.annotations.Nullable;

/**
 * Validates the route files of a folder without models: beans and routes are created and references
 * are looked up, but no route is started.
 */
public final class UnstartedRoutes {

    /** The name of the scope's model; any would do for {@code tensorflow:self}. */
    private static final String SELF = "self";

    private final RouteScope scope;
    private final CamelContext context;
    private final List<LoadFault> faults = new ArrayList<>();
    private final Set<String> inputs = new HashSet<>();

    private UnstartedRoutes(RouteScope scope) {
        this.scope = scope;
        this.context = scope.context();
    }

    /**
     * {@return the errors in route files}
     *
     * @param folder the folder of the files, whose {@code lib} has the classes of the routes
     * @param files the files, at least one
     * @param engine the engine of {@code platform-http} endpoints
     */
    public static List<LoadFault> check(Path folder, List<Path> files, PlatformHttpEngine engine) {
        try (CamelContexts contexts =
                        new CamelContexts(
                                ModelRepository.empty(), new MemoryBudget(Long.MAX_VALUE), engine);
                RouteScope scope = RouteScope.open(contexts, SELF, folder, files)) {
            UnstartedRoutes routes = new UnstartedRoutes(scope);
            routes.check();
            return List.copyOf(routes.faults);
        }
    }

    private void check() {
        List<FileRoute> routes = new ArrayList<>();
        for (RouteFile file : scope.files()) {
            file.unsupported().forEach(each -> faults.add(LoadFault.of(file, each)));
            String problem = file.problem();
            if (problem != null) {
                faults.add(LoadFault.of(file, problem));
            }
            file.routes().forEach(each -> routes.add(new FileRoute(scope, file, each)));
        }
        routes.forEach(route -> route.resolve(ModelRepository.empty(), null));
        routes.removeIf(FileRoute::isExcluded);
        Map<FileRoute, String> expected = new HashMap<>();
        for (FileRoute route : routes) {
            String problem = route.problem();
            if (problem != null && route.missingModel() != null) {
                expected.put(route, problem);
            }
        }
        PipelineLoader.refuseDuplicates(routes, List.of(scope));
        for (FileRoute route : routes) {
            if (route.problem() != null && !route.problem().equals(expected.get(route))) {
                faults.add(LoadFault.of(route));
            }
            route.withParameters(() -> check(route));
        }
    }

    private void check(FileRoute route) {
        List<String> problems = problemsOfReferences(route);
        problems.remove(route.problem());
        if (problems.isEmpty() && !faults.stream().anyMatch(fault -> fault.isOf(route))) {
            add(problems, problemOfBuilding(route));
        }
        for (String problem : problems) {
            route.fail(problem);
            faults.add(LoadFault.of(route));
        }
    }

    /**
     * {@return what of the route does not exist: of all steps, where building ends at the first}
     */
    private List<String> problemsOfReferences(FileRoute route) {
        List<String> problems = new ArrayList<>();
        add(problems, endpointProblem(route.definition().getInput().getEndpointUri()));
        for (ProcessorDefinition<?> step :
                ProcessorDefinitionHelper.filterTypeInOutputs(
                        route.definition().getOutputs(), ProcessorDefinition.class)) {
            add(problems, problem(step));
            if (step instanceof ExpressionNode node && node.getExpression() != null) {
                add(problems, expressionProblem(node.getExpression()));
            }
        }
        return problems;
    }

    /**
     * {@return why the route's processors, producers or consumer can't be made; none is started}
     */
    private @Nullable String problemOfBuilding(FileRoute route) {
        RouteDefinition definition = route.definition();
        try {
            Route built =
                    context.getCamelContextExtension()
                            .getContextPlugin(Model.class)
                            .getModelReifierFactory()
                            .createRoute(context, definition);
            for (ToDefinition to :
                    ProcessorDefinitionHelper.filterTypeInOutputs(
                            definition.getOutputs(), ToDefinition.class)) {
                context.getEndpoint(to.getUri()).createProducer();
            }
            built.getEndpoint().createConsumer(built.getProcessor());
            Boolean starts = CamelContextHelper.parseBoolean(context, definition.getAutoStartup());
            if (route.pipeline() != null && Boolean.FALSE.equals(starts)) {
                return FileRoute.NOT_STARTED;
            }
        } catch (Exception | LinkageError | StackOverflowError e) {
            return FailureReason.innermost(e);
        }
        String id = RouteDefinitionHelper.validateUniqueIds(definition, definitions());
        if (id != null) {
            return "the id \"" + id + "\" is there twice";
        }
        boolean isFirst = inputs.add(definition.getInput().getEndpointUri());
        return isFirst || !definition.getInput().getEndpointUri().startsWith("direct:")
                ? null
                : "another route begins with "
                        + definition.getInput().getEndpointUri()
                        + " as well";
    }

    private List<RouteDefinition> definitions() {
        return scope.files().stream().flatMap(file -> file.routes().stream()).toList();
    }

    private static void add(List<String> problems, @Nullable String problem) {
        if (problem != null) {
            problems.add(problem);
        }
    }

    private @Nullable String problem(ProcessorDefinition<?> step) {
        if (step instanceof ToDefinition to) {
            return endpointProblem(to.getUri());
        }
        if (step instanceof ProcessDefinition process) {
            return beanProblem(process.getRef());
        }
        if (step instanceof BeanDefinition bean && bean.getBeanType() == null) {
            return beanProblem(bean.getRef());
        }
        if (step instanceof UnmarshalDefinition unmarshal) {
            return dataFormatProblem(unmarshal.getDataFormatType());
        }
        if (step instanceof MarshalDefinition marshal) {
            return dataFormatProblem(marshal.getDataFormatType());
        }
        return null;
    }

    private @Nullable String endpointProblem(String unresolved) {
        try {
            String uri = context.resolvePropertyPlaceholders(unresolved);
            int colon = uri.indexOf(':');
            if (colon < 0) {
                return "\""
                        + uri
                        + "\" is not an endpoint: one begins with its component's name"
                        + " and a colon, as in direct:name";
            }
            if (context.getComponent(uri.substring(0, colon)) == null) {
                return FailureReason.of(new NoSuchEndpointException(uri));
            }
            return null;
        } catch (RuntimeException e) {
            return FailureReason.innermost(e);
        }
    }

    private @Nullable String beanProblem(@Nullable String ref) {
        if (ref == null || ref.startsWith("#") || ref.contains("{{")) {
            return null;
        }
        if (context.getRegistry().lookupByName(ref) != null) {
            return null;
        }
        Set<String> names = new LinkedHashSet<>();
        scope.files().forEach(file -> names.addAll(file.beans()));
        return SimilarNames.withSuggestion(
                "there is no bean \"" + ref + "\"", SimilarNames.of(ref, names));
    }

    private @Nullable String dataFormatProblem(@Nullable DataFormatDefinition format) {
        if (format == null) {
            return "there is no data format: name one, as in json: {}";
        }
        try {
            DataFormatReifier.getDataFormat(context, format);
            return null;
        } catch (RuntimeException e) {
            return FailureReason.innermost(e);
        }
    }

    private @Nullable String expressionProblem(ExpressionDefinition expression) {
        String text = expression.getExpression();
        try {
            // The parameters of route templates are placeholders, which have no values here.
            if (text == null || text.contains("{{")) {
                context.resolveLanguage(expression.getLanguage());
            } else {
                expression.createExpression(context);
            }
            return null;
        } catch (NoSuchLanguageException e) {
            return FailureReason.innermost(e);
        } catch (RuntimeException e) {
            return '"'
                    + text
                    + "\" is no expression of "
                    + expression.getLanguage()
                    + ": "
                    + FailureReason.innermost(e);
        }
    }
}
