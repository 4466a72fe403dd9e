package io.bactrian.container;

import io.bactrian.model.ModelLoadException;
import io.bactrian.model.ModelRepository;
import io.bactrian.model.SavedModelFiles;
import io.bactrian.pipeline.PipelineComponent;
import io.bactrian.tensorflow.TensorFlowComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
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
final class PipelineLoader {

    private static final Logger LOG = LoggerFactory.getLogger(PipelineLoader.class);

    /** What a fault begins with that is of a route which is no pipeline. */
    static final String ROUTE_FAULT = "route ";

    private final CamelContext context;
    private final ModelRepository repository;
    private final ContainerConfig config;
    private final PipelineComponent pipelines;
    private final Set<String> written = new LinkedHashSet<>();
    private final Set<String> builtIn = new LinkedHashSet<>();
    private final Map<String, String> broken = new LinkedHashMap<>();
    private final Map<String, String> leftOut = new LinkedHashMap<>();
    private final Set<String> faults = new LinkedHashSet<>();
    private final Set<String> modelsInRoutes = new LinkedHashSet<>();

    /** What is wrong with the first broken route or file that a model brought, by model. */
    private final Map<String, String> brokenCode = new LinkedHashMap<>();

    /**
     * @param context started, so that its routes start as they are added
     * @param repository its models loaded
     */
    PipelineLoader(CamelContext context, ModelRepository repository, ContainerConfig config) {
        this.context = context;
        this.repository = repository;
        this.config = config;
        this.pipelines = PipelineComponent.of(context);
    }

    LoadedPipelines load() {
        List<String> warnings = new ArrayList<>(repository.warnings());
        reportModels(warnings);
        boolean brought = loadWritten();
        for (SavedModelFiles model : repository.files()) {
            loadBuiltIn(model);
        }
        if (repository.files().isEmpty()) {
            faults.add(ModelLoadException.noneIn(repository.directory()).getMessage());
        }
        warnings.addAll(context.getComponent("tensorflow", TensorFlowComponent.class).remarks());
        warnings.addAll(new RouteMistakes(repository, config).find(brought, modelsInRoutes));
        broken.forEach((name, reason) -> pipelines.setBroken(name, config.withoutFolders(reason)));
        return new LoadedPipelines(
                List.copyOf(written),
                List.copyOf(builtIn),
                broken,
                leftOut,
                List.copyOf(faults),
                warnings);
    }

    private void reportModels(List<String> warnings) {
        Collection<SavedModelFiles> models = repository.files();
        boolean certain = models.stream().anyMatch(SavedModelFiles::isCertain);
        Map<String, String> failures = repository.failures();
        for (SavedModelFiles model : models) {
            String failure = failures.get(model.name());
            if (failure != null && certain && !model.isCertain()) {
                warnings.add(failure);
            } else if (failure != null) {
                faults.add("model \"" + model.name() + "\": " + failure);
            }
        }
    }

    /**
     * @return whether models brought routes
     */
    private boolean loadWritten() {
        List<RouteFile> files = new ArrayList<>();
        for (SavedModelFiles model : repository.files()) {
            try {
                for (Path file : RouteFiles.in(model.folder().resolve(RouteFiles.CODE))) {
                    files.add(new RouteFile(file, model.name(), context));
                }
            } catch (ConfigurationException e) {
                faults.add("model \"" + model.name() + "\": " + e.getMessage());
                brokenCode.put(model.name(), e.getMessage());
            }
        }
        boolean brought = !files.isEmpty();
        if (!brought) {
            for (Path file : RouteFiles.in(config.routesDirectory())) {
                files.add(new RouteFile(file, null, context));
            }
        }
        files.forEach(RouteFile::readBeans);
        files.forEach(RouteFile::readRoutes);
        List<WrittenRoute> routes = new ArrayList<>();
        for (RouteFile file : files) {
            if (file.problem() != null) {
                breakFile(file);
            }
            for (RouteDefinition definition : file.routes()) {
                WrittenRoute route = new WrittenRoute(file, definition);
                route.resolve(context, repository, config.pipeline());
                routes.add(route);
            }
        }
        refuseDuplicates(routes);
        leaveOut(routes);
        start(routes);
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
    private static void refuseDuplicates(List<WrittenRoute> routes) {
        qualifyIds(routes);
        refuseDuplicates(routes, "pipeline", WrittenRoute::pipeline);
        refuseDuplicates(routes, "route id", route -> route.definition().getId());
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

    /** Route ids are a model's own: that two models chose the same one is no fault of either. */
    private static void qualifyIds(List<WrittenRoute> routes) {
        Map<String, Set<String>> owners = new LinkedHashMap<>();
        for (WrittenRoute route : routes) {
            if (route.definition().getId() != null) {
                owners.computeIfAbsent(route.definition().getId(), id -> new LinkedHashSet<>())
                        .add(String.valueOf(route.file().model()));
            }
        }
        for (WrittenRoute route : routes) {
            String id = route.definition().getId();
            if (id != null && owners.get(id).size() > 1) {
                route.definition().setId(route.file().model() + "/" + id);
            }
        }
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
        if (config.routesRequired() && missing.size() == routes.size()) {
            return;
        }
        routes.removeAll(missing);
        for (WrittenRoute route : missing) {
            String reason = route.file() + ": " + route.problem();
            if (route.pipeline() != null) {
                broken.put(route.pipeline(), reason);
            }
            leftOut.put(route.shortName(), route.missingModel());
            if (config.routesRequired()) {
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
                    remove(route.definition(), Set.copyOf(context.getEndpoints()));
                    route.fail(
                            "it calls " + needed.name() + ", which is broken: " + needed.problem());
                    more = true;
                }
            }
        }
    }

    private static WrittenRoute brokenNeedOf(WrittenRoute route, List<WrittenRoute> routes) {
        return routes.stream()
                .filter(other -> other != route && other.problem() != null && route.calls(other))
                .findFirst()
                .orElse(null);
    }

    private void start(WrittenRoute route) {
        route.file().bindBeans();
        String problem = start(route.definition());
        if (problem == null
                && route.pipeline() != null
                && pipelines.pipeline(route.pipeline()) == null) {
            problem = "the route was not started: look at its precondition and autoStartup";
        }
        if (problem != null) {
            route.fail(problem);
        }
    }

    /**
     * @return why the route can't be started, or null
     */
    private String start(RouteDefinition definition) {
        Set<Endpoint> before = Set.copyOf(context.getEndpoints());
        try {
            model().addRouteDefinition(definition);
            return null;
        } catch (Exception | LinkageError e) {
            LOG.debug("failed to start route {}", definition.getId(), e);
            remove(definition, before);
            return FailureReason.innermost(e);
        }
    }

    /** What Camel keeps of a route that failed half way would stay in the way of others. */
    private void remove(RouteDefinition definition, Set<Endpoint> before) {
        try {
            context.getRouteController().stopRoute(definition.getId());
            context.removeRoute(definition.getId());
            model().removeRouteDefinition(definition);
            for (Endpoint endpoint : context.getEndpoints()) {
                if (!before.contains(endpoint)) {
                    context.removeEndpoint(endpoint);
                }
            }
        } catch (Exception e) {
            throw new IllegalStateException(
                    "can't remove the broken route " + definition.getId(), e);
        }
    }

    private Model model() {
        return context.getCamelContextExtension().getContextPlugin(Model.class);
    }

    /** A model for which no pipeline of its name was written is served by {@code predict}. */
    private void loadBuiltIn(SavedModelFiles files) {
        String name = files.name();
        if (written.contains(name)) {
            return;
        }
        boolean certain = repository.files().stream().anyMatch(SavedModelFiles::isCertain);
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
            RouteBuilder builder =
                    new PredictRoute(
                            repository.get(name).model(),
                            pipelines.endpoint(name),
                            context.getComponent("tensorflow", TensorFlowComponent.class)
                                    .endpoint(name, Map.of()));
            builder.prepareModel(context);
            problem = start(builder.getRouteCollection().getRoutes().get(0));
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
