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
 * Loads and starts the pipelines: those in the models' {@code code} folders, or in the routes
 * directory if no model has any, and {@code predict} for each model without a pipeline.
 *
 * <p>Each route is started separately, so that a broken one affects only the routes that call it. A
 * broken pipeline is never replaced by another one: requests for it are answered with the reason.
 */
public final class PipelineLoader {

    private static final Logger LOG = LoggerFactory.getLogger(PipelineLoader.class);

    private final CamelContexts contexts;
    private final CamelContext context;
    private final ModelRepository repository;
    private final RouteConfig config;
    private final PipelineRegistry pipelines;
    private final List<RouteScope> scopes = new ArrayList<>();
    private final Set<String> defined = new LinkedHashSet<>();
    private final Set<String> builtIn = new LinkedHashSet<>();
    private final Map<String, String> broken = new LinkedHashMap<>();
    private final Map<String, String> skipped = new LinkedHashMap<>();
    private final Set<LoadFault> faults = new LinkedHashSet<>();
    private final Set<String> modelsInRoutes = new LinkedHashSet<>();

    /** The error of the first broken route or file in a model's code folder, by model. */
    private final Map<String, String> brokenCode = new LinkedHashMap<>();

    /**
     * Creates a loader.
     *
     * @param contexts the contexts, to which one is added for each scope of route files
     * @param context the context of the {@code predict} routes; it must be started, so that routes
     *     start when they are added
     * @param repository the models, already loaded
     * @param config where the route files are
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

    /**
     * Loads and starts all pipelines.
     *
     * @return the pipelines, including broken ones and the reasons
     */
    public LoadedPipelines load() {
        List<String> warnings = new ArrayList<>(repository.warnings());
        reportModels(warnings);
        boolean modelsHaveRoutes = loadDefined();
        for (ModelVersions model : repository.files()) {
            loadBuiltIn(model);
        }
        if (repository.files().isEmpty()) {
            faults.add(
                    LoadFault.of(
                            String.valueOf(
                                    ModelLoadException.noneIn(repository.directory())
                                            .getMessage())));
        }
        for (CamelContext each : contexts.all()) {
            warnings.addAll(CamelContexts.tensorFlow(each).remarks());
        }
        scopes.forEach(scope -> scope.files().forEach(file -> warnings.addAll(file.unsupported())));
        warnings.addAll(
                new IgnoredFiles(repository, config).find(modelsHaveRoutes, modelsInRoutes));
        broken.forEach((name, reason) -> pipelines.setBroken(name, config.withoutFolders(reason)));
        return new LoadedPipelines(
                List.copyOf(defined),
                List.copyOf(builtIn),
                broken,
                skipped,
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
                faults.add(LoadFault.of("model \"" + model.name() + "\": " + failure));
            }
        }
    }

    /** {@return whether models have route files} */
    private boolean loadDefined() {
        boolean modelsHaveRoutes = openScopes();
        List<FileRoute> routes = new ArrayList<>();
        for (RouteScope scope : scopes) {
            for (RouteFile file : scope.files()) {
                file.unsupported().forEach(each -> faults.add(LoadFault.of(file, each)));
                String problem = file.problem();
                if (problem != null) {
                    markBroken(file, problem);
                }
                for (RouteDefinition definition : file.routes()) {
                    routes.add(new FileRoute(scope, file, definition));
                }
            }
        }
        routes.forEach(route -> route.resolve(repository, config.defaultPipeline()));
        routes.removeIf(this::isExcluded);
        refuseDuplicates(routes, scopes);
        skipMissingModels(routes);
        start(routes);
        scopes.forEach(scope -> StartupProperties.seal(scope.context()));
        for (FileRoute route : routes) {
            modelsInRoutes.addAll(route.models());
            if (route.pipeline() != null) {
                defined.add(route.pipeline());
            }
            if (route.problem() != null) {
                markBroken(route);
            }
        }
        return modelsHaveRoutes;
    }

    /** {@return whether models have route files} */
    private boolean openScopes() {
        boolean modelsHaveRoutes = false;
        for (ModelVersions model : repository.files()) {
            Path code = model.folder().resolve(RouteFiles.CODE);
            modelsHaveRoutes |= open(model.name(), code, () -> RouteFiles.in(code));
        }
        if (!modelsHaveRoutes) {
            open(null, config.directory(), config::routeFiles);
        }
        return modelsHaveRoutes;
    }

    /**
     * Opens the scope of a model's code folder or of the routes directory.
     *
     * @param model the model, or null for the routes directory
     * @param list lists the route files of the folder
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
            markScopeBroken(model, folder, files, FailureReason.of(e));
        }
        return !files.isEmpty();
    }

    private void markScopeBroken(
            @Nullable String model, Path folder, List<Path> files, String reason) {
        String subject = model == null ? folder.toString() : "model \"" + model + '"';
        faults.add(LoadFault.of(subject + ": " + reason));
        for (Path file : files) {
            for (String name : RouteFile.intendedPipelines(file)) {
                defined.add(name);
                broken.put(name, file + ": " + reason);
            }
        }
        if (model != null) {
            brokenCode.put(model, reason);
        }
    }

    /** {@return whether the route's precondition is false, so that it is not to be served} */
    private boolean isExcluded(FileRoute route) {
        boolean excluded = route.isExcluded();
        if (excluded) {
            skipped.put(
                    route.shortName(),
                    "its precondition " + route.definition().getPrecondition() + " is false");
        }
        return excluded;
    }

    private void markBroken(RouteFile file, String problem) {
        faults.add(LoadFault.of(file, problem));
        for (String name : file.intendedPipelines()) {
            defined.add(name);
            broken.put(name, problem);
        }
        if (file.model() != null) {
            brokenCode.putIfAbsent(file.model(), problem);
        }
    }

    private void markBroken(FileRoute route) {
        String reason = route.file() + ": " + route.problem();
        faults.add(LoadFault.of(route));
        if (route.pipeline() != null) {
            broken.put(route.pipeline(), reason);
        }
        if (route.file().model() != null) {
            brokenCode.putIfAbsent(route.file().model(), reason);
        }
    }

    /**
     * Breaks all routes that define the same pipeline, or have the same id in one scope: which one
     * is meant is ambiguous.
     */
    static void refuseDuplicates(List<FileRoute> routes, List<RouteScope> scopes) {
        refuseDuplicates(routes, "pipeline", FileRoute::pipeline);
        for (RouteScope scope : scopes) {
            refuseDuplicates(
                    routes.stream().filter(route -> route.scope() == scope).toList(),
                    "route id",
                    route -> route.definition().getId());
        }
    }

    private static void refuseDuplicates(
            List<FileRoute> routes, String what, Function<FileRoute, String> key) {
        Map<String, List<FileRoute>> claims = new LinkedHashMap<>();
        for (FileRoute route : routes) {
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
     * Skips pipelines of the routes directory whose models are missing: the container image's
     * example pipelines must not be errors when another model is served. But if the directory was
     * set explicitly and no route in it has its model, a misspelled name is more likely, and all
     * are reported as broken.
     */
    private void skipMissingModels(List<FileRoute> routes) {
        List<FileRoute> missing =
                routes.stream()
                        .filter(route -> route.missingModel() != null)
                        .filter(route -> route.file().model() == null)
                        .filter(route -> !repository.isNamed(String.valueOf(route.pipeline())))
                        .toList();
        if (config.required() && missing.size() == routes.size()) {
            return;
        }
        routes.removeAll(missing);
        for (FileRoute route : missing) {
            String reason = route.file() + ": " + route.problem();
            if (route.pipeline() != null) {
                broken.put(route.pipeline(), reason);
            }
            skipped.put(route.shortName(), "there is no model \"" + route.missingModel() + "\"");
            if (config.required()) {
                faults.add(LoadFault.of(route));
            }
        }
    }

    private void start(List<FileRoute> routes) {
        // Routes that others call before routes that run by themselves, such as a timer's.
        for (boolean passive : List.of(true, false)) {
            for (FileRoute route : routes) {
                if (route.isPassive() == passive && route.problem() == null) {
                    start(route);
                }
            }
        }
        boolean changed = true;
        while (changed) {
            changed = false;
            for (FileRoute route : routes) {
                FileRoute dependency = brokenDependency(route, routes);
                if (route.problem() == null && dependency != null) {
                    CamelContext of = route.scope().context();
                    remove(of, route.definition(), Set.copyOf(of.getEndpoints()));
                    route.fail(
                            "it calls "
                                    + dependency.name()
                                    + ", which is broken: "
                                    + dependency.problem());
                    changed = true;
                }
            }
        }
    }

    private static @Nullable FileRoute brokenDependency(FileRoute route, List<FileRoute> routes) {
        return routes.stream()
                .filter(other -> other != route && other.problem() != null && route.calls(other))
                .findFirst()
                .orElse(null);
    }

    private void start(FileRoute route) {
        String problem = start(route.scope().context(), route.definition());
        if (problem == null
                && route.pipeline() != null
                && pipelines.pipeline(route.pipeline()) == null) {
            problem = FileRoute.NOT_STARTED;
        }
        if (problem != null) {
            route.fail(problem);
        }
    }

    /** {@return the reason why the route can't be started, or null} */
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

    /** Removes what Camel keeps of a route that failed to start, which may conflict with others. */
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
            // A step that can't be started may fail to stop as well.
            LOG.warn("the broken route {} can't be removed", definition.getId(), e);
        }
    }

    private static Model model(CamelContext context) {
        return context.getCamelContextExtension().getContextPlugin(Model.class);
    }

    /** Starts a {@code predict} pipeline for a model without a pipeline of its name. */
    private void loadBuiltIn(ModelVersions files) {
        String name = files.name();
        if (defined.contains(name)) {
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
            faults.add(LoadFault.of(reason));
        }
    }
}
