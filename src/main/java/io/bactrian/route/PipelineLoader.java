package io.bactrian.route;

import io.bactrian.model.ModelLoadException;
import io.bactrian.model.ModelRepository;
import io.bactrian.model.ModelVersions;
import io.bactrian.pipeline.PipelineRegistry;
import io.bactrian.predict.PredictRoute;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the pipelines of the models there are: those that models bring in their {@code code}
 * folder, where none does the routes directory's, and {@code predict} for a model without one.
 *
 * <p>Each route is started by itself, so that what is wrong with one keeps only those from being
 * served that need it. A pipeline is never replaced by another because it is broken: its name
 * answers with the reason.
 */
public final class PipelineLoader {

    private static final Logger LOG = LoggerFactory.getLogger(PipelineLoader.class);

    /** What a fault begins with that is of a route which is no pipeline. */
    public static final String ROUTE_FAULT = "route ";

    private final CamelContexts contexts;
    private final CamelContext context;
    private final ModelRepository repository;
    private final RouteConfig config;
    private final PipelineRegistry pipelines;
    private final List<RouteScope> scopes = new ArrayList<>();
    private final Set<String> written = new LinkedHashSet<>();
    private final Set<String> builtIn = new LinkedHashSet<>();
    private final Map<String, String> broken = new LinkedHashMap<>();
    private final Map<String, String> leftOut = new LinkedHashMap<>();
    private final Set<String> faults = new LinkedHashSet<>();
    private final Set<String> modelsInRoutes = new LinkedHashSet<>();

    /** What is wrong with the first broken route or file that a model brought, by model. */
    private final Map<String, String> brokenCode = new LinkedHashMap<>();

    /**
     * @param contexts where routes that somebody wrote start contexts of their own
     * @param context started, so that its routes start as they are added; the context of {@code
     *     predict}
     * @param repository its models loaded
     */
    public PipelineLoader(
            CamelContexts contexts,
            CamelContext context,
            ModelRepository repository,
            RouteConfig config) {
        this.contexts = contexts;
        this.context = context;
        this.repository = repository;
        this.config = config;
        this.pipelines = contexts.pipelines();
    }

    public LoadedPipelines load() {
        List<String> warnings = new ArrayList<>(repository.warnings());
        reportModels(warnings);
        boolean brought = loadWritten();
        for (ModelVersions model : repository.files()) {
            loadBuiltIn(model);
        }
        if (repository.files().isEmpty()) {
            faults.add(ModelLoadException.noneIn(repository.directory()).getMessage());
        }
        for (CamelContext each : contexts.all()) {
            warnings.addAll(CamelContexts.tensorFlow(each).remarks());
        }
        scopes.forEach(scope -> scope.files().forEach(file -> warnings.addAll(file.remarks())));
        warnings.addAll(new RouteMistakes(repository, config).find(brought, modelsInRoutes));
        broken.forEach((name, reason) -> pipelines.setBroken(name, config.withoutFolders(reason)));
        return new LoadedPipelines(
                List.copyOf(written),
                List.copyOf(builtIn),
                broken,
                leftOut,
                List.copyOf(faults),
                warnings,
                scopes);
    }

    private void reportModels(List<String> warnings) {
        Collection<ModelVersions> models = repository.files();
        boolean certain = models.stream().anyMatch(ModelVersions::isCertain);
        Map<String, String> failures = repository.failures();
        for (ModelVersions model : models) {
            String failure = failures.get(model.name());
            if (failure != null && certain && !model.isCertain()) {
                warnings.add(failure);
            } else if (failure != null) {
                faults.add("model \"" + model.name() + "\": " + failure);
            }
        }
    }

    /** {@return whether models brought routes} */
    private boolean loadWritten() {
        boolean brought = openScopes();
        List<WrittenRoute> routes = new ArrayList<>();
        for (RouteScope scope : scopes) {
            for (RouteFile file : scope.files()) {
                faults.addAll(file.remarks());
                if (file.problem() != null) {
                    breakFile(file);
                }
                for (RouteDefinition definition : file.routes()) {
                    routes.add(new WrittenRoute(scope, file, definition));
                }
            }
        }
        routes.forEach(route -> route.resolve(repository, config.defaultPipeline()));
        routes.removeIf(this::isExcluded);
        refuseDuplicates(routes);
        leaveOut(routes);
        start(routes);
        scopes.forEach(scope -> StartupProperties.seal(scope.context()));
        for (WrittenRoute route : routes) {
            modelsInRoutes.addAll(route.models());
            if (route.pipeline() != null) {
                written.add(route.pipeline());
            }
            if (route.problem() != null) {
                breakRoute(route);
            }
        }
        return brought;
    }

    /** {@return whether models brought routes} */
    private boolean openScopes() {
        boolean brought = false;
        for (ModelVersions model : repository.files()) {
            Path code = model.folder().resolve(RouteFiles.CODE);
            brought |= open(model.name(), code, () -> RouteFiles.in(code));
        }
        if (!brought) {
            open(null, config.directory(), config::routeFiles);
        }
        return brought;
    }

    /**
     * Opens the scope of a model's routes, or of the routes directory's.
     *
     * @param model the model, or null
     * @param list gives the route files in the folder
     * @return whether there are any
     */
    private boolean open(@Nullable String model, Path folder, Supplier<List<Path>> list) {
        List<Path> files = List.of();
        try {
            files = list.get();
            if (!files.isEmpty()) {
                scopes.add(RouteScope.open(contexts, model, folder, files));
            }
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            LOG.debug("failed to open the routes in {}", folder, e);
            breakScope(model, folder, files, FailureReason.of(e));
        }
        return !files.isEmpty();
    }

    private void breakScope(@Nullable String model, Path folder, List<Path> files, String reason) {
        faults.add((model == null ? folder : "model \"" + model + "\"") + ": " + reason);
        for (Path file : files) {
            for (String name : RouteFile.intendedPipelines(file)) {
                written.add(name);
                broken.put(name, file + ": " + reason);
            }
        }
        if (model != null) {
            brokenCode.put(model, reason);
        }
    }

    /** Its author says that it is not to be served now: a model has then no pipeline of its own. */
    private boolean isExcluded(WrittenRoute route) {
        boolean excluded = route.isExcluded();
        if (excluded) {
            leftOut.put(
                    route.shortName(),
                    "its precondition " + route.definition().getPrecondition() + " is false");
        }
        return excluded;
    }

    private void breakFile(RouteFile file) {
        faults.add(file.problem());
        for (String name : file.intendedPipelines()) {
            written.add(name);
            broken.put(name, file.problem());
        }
        if (file.model() != null) {
            brokenCode.putIfAbsent(file.model(), file.problem());
        }
    }

    private void breakRoute(WrittenRoute route) {
        String reason = route.file() + ": " + route.problem();
        faults.add(
                route.pipeline() == null
                        ? ROUTE_FAULT + "\"" + route.definition().getId() + "\" of " + reason
                        : "pipeline \"" + route.pipeline() + "\" of " + reason);
        if (route.pipeline() != null) {
            broken.put(route.pipeline(), reason);
        }
        if (route.file().model() != null) {
            brokenCode.putIfAbsent(route.file().model(), reason);
        }
    }

    /** Two that claim one name are both refused: which of them is meant nobody can tell. */
    private void refuseDuplicates(List<WrittenRoute> routes) {
        refuseDuplicates(routes, "pipeline", WrittenRoute::pipeline);
        for (RouteScope scope : scopes) {
            refuseDuplicates(
                    routes.stream().filter(route -> route.scope() == scope).toList(),
                    "route id",
                    route -> route.definition().getId());
        }
    }

    private static void refuseDuplicates(
            List<WrittenRoute> routes, String what, Function<WrittenRoute, String> key) {
        Map<String, List<WrittenRoute>> claims = new LinkedHashMap<>();
        for (WrittenRoute route : routes) {
            if (key.apply(route) != null) {
                claims.computeIfAbsent(key.apply(route), name -> new ArrayList<>()).add(route);
            }
        }
        claims.forEach(
                (name, claiming) -> {
                    if (claiming.size() > 1) {
                        String where =
                                String.join(
                                        " and ",
                                        claiming.stream()
                                                .map(route -> route.file().toString())
                                                .distinct()
                                                .toList());
                        claiming.forEach(
                                route ->
                                        route.fail(
                                                what
                                                        + " \""
                                                        + name
                                                        + "\" is defined twice, in "
                                                        + where));
                    }
                });
    }

    /**
     * The image's example pipelines must not stand in the way of another model. But where somebody
     * wrote the routes, and none of them has its model, a typing error is more likely than the wish
     * to have none.
     */
    private void leaveOut(List<WrittenRoute> routes) {
        List<WrittenRoute> missing =
                routes.stream()
                        .filter(route -> route.missingModel() != null)
                        .filter(route -> route.file().model() == null)
                        .filter(route -> !repository.isNamed(String.valueOf(route.pipeline())))
                        .toList();
        if (config.required() && missing.size() == routes.size()) {
            return;
        }
        routes.removeAll(missing);
        for (WrittenRoute route : missing) {
            String reason = route.file() + ": " + route.problem();
            if (route.pipeline() != null) {
                broken.put(route.pipeline(), reason);
            }
            leftOut.put(route.shortName(), "there is no model \"" + route.missingModel() + "\"");
            if (config.required()) {
                faults.add("pipeline \"" + route.shortName() + "\" of " + reason);
            }
        }
    }

    private void start(List<WrittenRoute> routes) {
        // Those that are called before those that call of themselves, such as a timer.
        for (boolean called : List.of(true, false)) {
            for (WrittenRoute route : routes) {
                if (route.isCalled() == called && route.problem() == null) {
                    start(route);
                }
            }
        }
        boolean more = true;
        while (more) {
            more = false;
            for (WrittenRoute route : routes) {
                WrittenRoute needed = brokenNeedOf(route, routes);
                if (route.problem() == null && needed != null) {
                    CamelContext of = route.scope().context();
                    remove(of, route.definition(), Set.copyOf(of.getEndpoints()));
                    route.fail(
                            "it calls " + needed.name() + ", which is broken: " + needed.problem());
                    more = true;
                }
            }
        }
    }

    private static @Nullable WrittenRoute brokenNeedOf(
            WrittenRoute route, List<WrittenRoute> routes) {
        return routes.stream()
                .filter(other -> other != route && other.problem() != null && route.calls(other))
                .findFirst()
                .orElse(null);
    }

    private void start(WrittenRoute route) {
        String problem = start(route.scope().context(), route.definition());
        if (problem == null
                && route.pipeline() != null
                && pipelines.pipeline(route.pipeline()) == null) {
            problem = "the route was not started: look at its autoStartup";
        }
        if (problem != null) {
            route.fail(problem);
        }
    }

    /** {@return why the route can't be started, or null} */
    private static @Nullable String start(CamelContext context, RouteDefinition definition) {
        Set<Endpoint> before = Set.copyOf(context.getEndpoints());
        try {
            model(context).addRouteDefinition(definition);
            return null;
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            LOG.debug("failed to start route {}", definition.getId(), e);
            remove(context, definition, before);
            return FailureReason.innermost(e);
        }
    }

    /** What Camel keeps of a route that failed half way would stay in the way of others. */
    private static void remove(
            CamelContext context, RouteDefinition definition, Set<Endpoint> before) {
        try {
            context.getRouteController().stopRoute(definition.getId());
            context.removeRoute(definition.getId());
            model(context).removeRouteDefinition(definition);
            for (Endpoint endpoint : context.getEndpoints()) {
                if (!before.contains(endpoint)) {
                    context.removeEndpoint(endpoint);
                }
            }
        } catch (Exception | LinkageError | AssertionError e) {
            // The step that can't be started may fail to stop as well: that is the route's, too.
            LOG.warn("the broken route {} can't be removed", definition.getId(), e);
        }
    }

    private static Model model(CamelContext context) {
        return context.getCamelContextExtension().getContextPlugin(Model.class);
    }

    /** A model for which no pipeline of its name was written is served by {@code predict}. */
    private void loadBuiltIn(ModelVersions files) {
        String name = files.name();
        if (written.contains(name)) {
            return;
        }
        boolean certain = repository.files().stream().anyMatch(ModelVersions::isCertain);
        if (files.isCertain() || !certain) {
            builtIn.add(name);
        }
        String failure = repository.failures().get(name);
        if (failure != null) {
            broken.put(name, "model \"" + name + "\" can't be served: " + failure);
        } else if (brokenCode.containsKey(name)) {
            broken.put(name, "the pipeline of model \"" + name + "\": " + brokenCode.get(name));
        } else {
            startBuiltIn(name);
        }
    }

    private void startBuiltIn(String name) {
        String problem;
        try {
            RouteBuilder builder = PredictRoute.of(context, name);
            builder.prepareModel(context);
            problem = start(context, builder.getRouteCollection().getRoutes().get(0));
        } catch (Exception e) {
            problem = FailureReason.innermost(e);
        }
        if (problem != null) {
            String reason = "model \"" + name + "\" can't be served: " + problem;
            broken.put(name, reason);
            faults.add(reason);
        }
    }
}
