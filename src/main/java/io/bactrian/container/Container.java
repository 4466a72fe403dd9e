package io.bactrian.container;

import io.bactrian.container.http.Dispatcher;
import io.bactrian.container.http.HttpServerService;
import io.bactrian.container.http.InvocationEngine;
import io.bactrian.container.http.InvocationHandler;
import io.bactrian.container.http.InvocationRoutes;
import io.bactrian.container.http.ServerLimits;
import io.bactrian.container.http.ServingState;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.limit.OutOfMemoryExit;
import io.bactrian.limit.RequestMemory;
import io.bactrian.model.LoadListener;
import io.bactrian.model.ModelRepository;
import io.bactrian.model.OperationLibrary;
import io.bactrian.pipeline.PipelineConsumer;
import io.bactrian.route.CamelContexts;
import io.bactrian.route.ConfigurationException;
import io.bactrian.route.LoadedPipelines;
import io.bactrian.route.PipelineLoader;
import io.bactrian.route.PipelineSelector;
import io.bactrian.route.RouteFile;
import io.bactrian.route.RouteFiles;
import io.bactrian.route.RouteMistakes;
import io.bactrian.route.RouteScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inference container: the models of one directory and their pipelines behind HTTP.
 *
 * <p>The port opens before the models are loaded, so that {@code /ping} can say 503 meanwhile. On
 * closing, requests under way are finished and new ones refused.
 */
public final class Container implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Container.class);

    /** How long clients get to see that their connection is closing. */
    private static final long LINGER_MILLIS = 500;

    /** How long the sockets may take to close. */
    private static final long STOP_MILLIS = 1000;

    private static final long POLL_NANOS = 5_000_000;

    private final ContainerConfig config;
    private final ModelRepository repository;
    private final ServerLimits limits;
    private final MemoryBudget budget = new MemoryBudget(RequestMemory.now().budget());
    private final ServingState serving = new ServingState();
    private final Dispatcher dispatcher;
    private final HttpServerService server;
    private final InvocationEngine engine = new InvocationEngine(this::port);
    private final CamelContexts contexts;
    private LoadedPipelines loaded;
    private PipelineSelector selector;
    private int atWork;

    private Container(ContainerConfig config, ServerLimits limits, LoadListener listener) {
        this.config = config;
        checkDirectories();
        this.limits = limits;
        this.repository =
                new ModelRepository(
                        config.modelDirectory(),
                        config.tensorFlow(),
                        config.scheduling(),
                        listener);
        this.contexts = new CamelContexts(repository, budget, engine);
        this.dispatcher = new Dispatcher(config.maxInFlight(), config.timeout());
        this.server =
                new HttpServerService(
                        config.host(),
                        config.port(),
                        limits,
                        serving,
                        dispatcher,
                        new InvocationHandler(
                                serving, engine, dispatcher, budget, config.maxBodyBytes()));
    }

    /**
     * Starts the container.
     *
     * @see #start(ContainerConfig, LoadListener)
     */
    public static Container start(ContainerConfig config) throws Exception {
        return start(config, LoadListener.NONE);
    }

    /**
     * Starts the container. When this returns, {@code /ping} answers 200, or 503 where nothing can
     * be served or what {@code /invocations} needs is broken: {@link StartupReport} says what.
     *
     * @param listener is called as models are loaded
     * @throws ConfigurationException if a setting is wrong, or with {@code BACTRIAN_STRICT} a model
     *     or pipeline
     * @throws io.bactrian.model.ModelLoadException if the model directory can't be read, or a
     *     library of operations can't be loaded
     * @throws Exception what Camel says if it can't start
     */
    public static Container start(ContainerConfig config, LoadListener listener) throws Exception {
        return start(config, ServerLimits.defaults(), listener);
    }

    /** Starts the container with other limits, for tests. */
    static Container start(ContainerConfig config, ServerLimits limits) throws Exception {
        return start(config, limits, LoadListener.NONE);
    }

    private static Container start(
            ContainerConfig config, ServerLimits limits, LoadListener listener) throws Exception {
        Container container = new Container(config, limits, listener);
        try {
            container.start();
            return container;
        } catch (Throwable e) {
            container.close();
            throw e;
        }
    }

    private void start() throws Exception {
        loadModels();
        addRoutes();
        atWork = config.requestsAtWork(waitsAtWork());
        dispatcher.open(atWork);
        OutOfMemoryExit.blameRequests(() -> dispatcher.running() > 0);
        sizeBudget();
        serving.ready(selector);
    }

    /** Now that the models are loaded, what is left is known. */
    private void sizeBudget() {
        RequestMemory memory = RequestMemory.now();
        budget.setLimit(memory.budget());
        String shortage = memory.shortage();
        if (shortage != null) {
            LOG.warn(shortage);
        }
    }

    /** A typing error in them must not look like a folder without models or routes. */
    private void checkDirectories() {
        Path models = config.modelDirectory();
        if (Files.notExists(models)) {
            throw new ConfigurationException(
                    "there is no model directory "
                            + models
                            + ": set BACTRIAN_MODEL_DIR to the folder with the models");
        }
        Path routes = config.routes().directory();
        if (config.routes().required() && Files.notExists(routes)) {
            throw new ConfigurationException(
                    "BACTRIAN_ROUTES_DIR is " + routes + ": there is no such folder");
        }
        // An empty folder is how to say that there are to be no routes, not even the examples.
        if (config.routes().required()
                && RouteFiles.in(routes).isEmpty()
                && !RouteFiles.list(routes).isEmpty()) {
            List<String> mistakes = RouteMistakes.in(routes);
            throw new ConfigurationException(
                    "BACTRIAN_ROUTES_DIR is "
                            + routes
                            + ": there is no *"
                            + RouteFile.SUFFIX
                            + " in it"
                            + (mistakes.isEmpty() ? "" : "; " + String.join("; ", mistakes)));
        }
    }

    /** Opens the port and loads the models, before there are routes. */
    private void loadModels() {
        try {
            // Before the models are loaded, to answer /ping meanwhile.
            server.start();
            config.opLibraries().forEach(OperationLibrary::load);
            repository.loadAll();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ConfigurationException(e.getMessage());
        }
    }

    /** The routes start one by one, on contexts that are started: see {@link PipelineLoader}. */
    private void addRoutes() throws Exception {
        CamelContext context = contexts.start(null, Container.class.getClassLoader());
        loaded = new PipelineLoader(contexts, context, repository, config.routes()).load();
        checkDefaultPipeline();
        if (config.strict() && !loaded.faults().isEmpty()) {
            throw new ConfigurationException(
                    "BACTRIAN_STRICT is true, and this is wrong:\n  "
                            + String.join("\n  ", loaded.faults()));
        }
        selector = new PipelineSelector(contexts.pipelines(), config.routes(), loaded);
        context.addRoutes(new InvocationRoutes());
    }

    private void checkDefaultPipeline() {
        String wanted = config.routes().defaultPipeline();
        if (wanted == null
                || loaded.broken().containsKey(wanted)
                || contexts.pipelines().pipeline(wanted) != null) {
            return;
        }
        throw new ConfigurationException(
                "BACTRIAN_PIPELINE is \""
                        + wanted
                        + "\": there is no such pipeline; there are "
                        + String.join(", ", names()));
    }

    private Set<String> names() {
        Set<String> names = new LinkedHashSet<>(loaded.written());
        names.addAll(loaded.builtIn());
        return names;
    }

    /**
     * Whether a request at work may do nothing but wait: for company in a model's queue, or for
     * another system's answer.
     */
    private boolean waitsAtWork() {
        return repository.sharesRuns()
                || contexts.all().stream()
                        .flatMap(context -> context.getEndpoints().stream())
                        .anyMatch(
                                endpoint ->
                                        endpoint.isRemote()
                                                && !(endpoint instanceof PlatformHttpEndpoint));
    }

    /** {@return the port that is listened on} */
    public int port() {
        return server.port();
    }

    /** {@return requests whose head is there and whose answer is not written yet} */
    int openRequests() {
        return server.openRequests();
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    MemoryBudget budget() {
        return budget;
    }

    /** {@return how many requests are worked on at a time} */
    int atWork() {
        return atWork;
    }

    ContainerConfig config() {
        return config;
    }

    ModelRepository repository() {
        return repository;
    }

    /** {@return the pipelines that are served} */
    List<PipelineConsumer> pipelines() {
        return List.copyOf(contexts.pipelines().pipelines());
    }

    /** {@return what came of loading the pipelines} */
    LoadedPipelines loaded() {
        return loaded;
    }

    PipelineSelector selector() {
        return selector;
    }

    /**
     * Refuses new requests and waits for those under way, then stops everything. What is not
     * answered in time is answered 503. A run of a model that has not ended by then is left to
     * itself, since nothing can end it: the model is not closed under it.
     */
    @Override
    public void close() {
        serving.drain();
        server.drain();
        // A request whose client has gone may still be worked on.
        await(this::isIdle, limits.drainTimeout().toMillis());
        server.refuseUnfinished();
        dispatcher.close();
        await(() -> server.openRequests() == 0, LINGER_MILLIS);
        // Each connection is closed after its next answer; an idle one is not waited for.
        await(() -> server.connections() == 0, LINGER_MILLIS);
        server.stop(STOP_MILLIS);
        if (isFinished()) {
            if (loaded != null) {
                closeTogether(loaded.scopes());
            }
            contexts.close();
            repository.close();
        } else {
            LOG.warn("{} predictions have not ended and are given up", dispatcher.running());
        }
    }

    /**
     * A scope whose own routes do not end is waited for, but not one such scope after the other.
     */
    private static void closeTogether(List<RouteScope> scopes) {
        List<Thread> threads = scopes.stream().map(scope -> new Thread(scope::close)).toList();
        threads.forEach(Thread::start);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isIdle() {
        return server.openRequests() == 0 && isFinished();
    }

    /** {@return whether nothing is being worked on} */
    public boolean isFinished() {
        return dispatcher.running() == 0 && dispatcher.waiting() == 0;
    }

    private static void await(BooleanSupplier condition, long millis) {
        long deadline = System.nanoTime() + millis * 1_000_000;
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
