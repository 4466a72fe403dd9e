package io.bactrian.container;

import io.bactrian.format.JsonDataFormat;
import io.bactrian.model.ModelRepository;
import io.bactrian.pipeline.PipelineComponent;
import io.bactrian.pipeline.PipelineConsumer;
import io.bactrian.tensorflow.TensorFlowComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.SimpleMainShutdownStrategy;

/**
 * The inference container: the models of one directory and their pipelines behind HTTP.
 *
 * <p>The port opens before the models are loaded, so that {@code /ping} can say 503 meanwhile. On
 * closing, requests under way are finished and new ones refused.
 */
public final class Container implements AutoCloseable {

    /** SageMaker kills 30 s after SIGTERM: requests get most of it. */
    private static final long DRAIN_MILLIS = 22_000;

    /** How long clients get to see that their connection is closing. */
    private static final long LINGER_MILLIS = 500;

    private static final long POLL_NANOS = 5_000_000;

    private final ContainerConfig config;
    private final ModelRepository repository;
    private final ContractHandler contract;
    private final Turnstile turnstile;
    private final Main main = new Main();
    private HttpServerService server;
    private LoadedPipelines loaded;
    private PipelineSelector selector;
    private int atWork;

    private Container(ContainerConfig config) {
        this.config = config;
        checkDirectories();
        this.repository =
                new ModelRepository(
                        config.modelDirectory(), config.tensorFlow(), config.scheduling());
        this.contract = new ContractHandler(config);
        this.turnstile = new Turnstile(config.timeout());
    }

    /**
     * Starts the container. When this returns, {@code /ping} answers 200, or 503 where nothing can
     * be served or what {@code /invocations} needs is broken: {@link StartReport} says what.
     *
     * @throws ConfigurationException if a setting is wrong, or with {@code BACTRIAN_STRICT} a model
     *     or pipeline
     * @throws io.bactrian.model.ModelLoadException if the model directory can't be read
     * @throws Exception what Camel says if it can't start
     */
    public static Container start(ContainerConfig config) throws Exception {
        Container container = new Container(config);
        try {
            container.start();
            return container;
        } catch (Throwable e) {
            container.close();
            throw e;
        }
    }

    private void start() throws Exception {
        // The process's own shutdown hook drains first and then stops Camel.
        main.setShutdownStrategy(new SimpleMainShutdownStrategy());
        main.configure()
                .withProfile("prod")
                .withStreamCachingEnabled(false)
                .withJmxEnabled(false)
                .withAutoConfigurationLogSummary(false)
                .withRoutesIncludePattern("false")
                .withShutdownTimeout(4);
        main.addMainListener(
                new MainListenerSupport() {
                    @Override
                    public void afterConfigure(BaseMainSupport support) {
                        prepare(support.getCamelContext());
                    }
                });
        main.start();
        addRoutes(main.getCamelContext());
        atWork = config.requestsAtWork(waitsAtWork(main.getCamelContext()));
        server.open(atWork);
        contract.ready(selector);
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
        Path routes = config.routesDirectory();
        if (config.routesRequired() && Files.notExists(routes)) {
            throw new ConfigurationException(
                    "BACTRIAN_ROUTES_DIR is " + routes + ": there is no such folder");
        }
        // An empty folder is how to say that there are to be no routes, not even the examples.
        if (config.routesRequired()
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
    private void prepare(CamelContext context) {
        try {
            server = new HttpServerService(context, config, contract, turnstile);
            // Started at once, to answer /ping while models load; Camel would start it with the
            // routes.
            server.start();
            context.addService(server);
            repository.loadAll();
            JsonDataFormat.useIn(context);
            TensorFlowComponent tensorFlow = new TensorFlowComponent();
            tensorFlow.setRepository(repository);
            context.addComponent("tensorflow", tensorFlow);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ConfigurationException(e.getMessage());
        }
    }

    /** The routes start one by one, on a context that is started: see {@link PipelineLoader}. */
    private void addRoutes(CamelContext context) throws Exception {
        loaded = new PipelineLoader(context, repository, config).load();
        checkDefaultPipeline();
        if (config.strict() && !loaded.faults().isEmpty()) {
            throw new ConfigurationException(
                    "BACTRIAN_STRICT is true, and this is wrong:\n  "
                            + String.join("\n  ", loaded.faults()));
        }
        selector = new PipelineSelector(PipelineComponent.of(context), config, loaded);
        context.addRoutes(new InvocationRoutes(new InvocationProcessor(selector)));
    }

    private void checkDefaultPipeline() {
        String wanted = config.pipeline();
        if (wanted == null
                || loaded.broken().containsKey(wanted)
                || PipelineComponent.of(main.getCamelContext()).pipeline(wanted) != null) {
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
    private boolean waitsAtWork(CamelContext context) {
        return repository.sharesRuns()
                || context.getEndpoints().stream()
                        .anyMatch(
                                endpoint ->
                                        endpoint.isRemote()
                                                && !(endpoint instanceof PlatformHttpEndpoint));
    }

    /**
     * @return the port that is listened on
     */
    public int port() {
        return server.port();
    }

    /**
     * @return requests accepted and not answered yet
     */
    int inFlight() {
        return contract.inFlight();
    }

    Turnstile turnstile() {
        return turnstile;
    }

    /**
     * @return how many requests are worked on at a time
     */
    int atWork() {
        return atWork;
    }

    ContainerConfig config() {
        return config;
    }

    ModelRepository repository() {
        return repository;
    }

    /**
     * @return the pipelines that are served
     */
    List<PipelineConsumer> pipelines() {
        return List.copyOf(PipelineComponent.of(main.getCamelContext()).pipelines());
    }

    /**
     * @return what came of loading the pipelines
     */
    LoadedPipelines loaded() {
        return loaded;
    }

    PipelineSelector selector() {
        return selector;
    }

    /** Refuses new requests, waits for those under way, then stops everything. */
    @Override
    public void close() {
        contract.drain();
        await(() -> contract.inFlight() == 0 && exchanges() == 0, DRAIN_MILLIS);
        // Each connection is closed after its next answer; an idle one is not waited for.
        await(() -> server == null || server.connections() == 0, LINGER_MILLIS);
        main.stop();
        repository.close();
    }

    /** Those included whose client has gone: Camel would fail them if it were stopped now. */
    private int exchanges() {
        CamelContext context = main.getCamelContext();
        return context == null ? 0 : context.getInflightRepository().size();
    }

    private static void await(BooleanSupplier condition, long millis) {
        long deadline = System.nanoTime() + millis * 1_000_000;
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
