package io.bactrian.container;

import io.bactrian.format.JsonDataFormat;
import io.bactrian.model.LoadedModel;
import io.bactrian.model.ModelRepository;
import io.bactrian.model.SavedModelFiles;
import io.bactrian.pipeline.PipelineComponent;
import io.bactrian.pipeline.PipelineConsumer;
import io.bactrian.tensorflow.TensorFlowComponent;
import io.bactrian.tensorflow.TensorFlowEndpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

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
    private final List<String> written = new ArrayList<>();
    private final List<String> builtIn = new ArrayList<>();
    private final Map<String, String> leftOut = new LinkedHashMap<>();
    private HttpServerService server;
    private PipelineSelector selector;
    private int atWork;

    private Container(ContainerConfig config) {
        this.config = config;
        this.repository =
                new ModelRepository(
                        config.modelDirectory(), config.tensorFlow(), config.scheduling());
        this.contract = new ContractHandler(config);
        this.turnstile = new Turnstile(config.timeout());
    }

    /**
     * Starts the container; when this returns, {@code /ping} answers 200.
     *
     * @throws ConfigurationException if a setting is wrong
     * @throws io.bactrian.model.ModelLoadException if a model can't be served
     * @throws Exception what Camel says of a route that can't be started
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
                        addTo(support.getCamelContext());
                    }
                });
        main.start();
        atWork = config.requestsAtWork(waitsAtWork(main.getCamelContext()));
        server.open(atWork);
        contract.ready(selector);
    }

    private void addTo(CamelContext context) {
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
            addWrittenRoutes(context);
            addBuiltInRoutes(context);
            checkDefaultPipeline();
            selector =
                    new PipelineSelector(
                            PipelineComponent.of(context), config.pipeline(), written, builtIn);
            context.addRoutes(new InvocationRoutes(new InvocationProcessor(selector)));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ConfigurationException(e.getMessage());
        }
    }

    /** The routes that models bring in their {@code code} folder; where none does, the image's. */
    private void addWrittenRoutes(CamelContext context) throws Exception {
        List<RouteFiles> brought = new ArrayList<>();
        for (SavedModelFiles model : repository.files()) {
            brought.add(RouteFiles.in(model.folder().resolve("code"), model.name()));
        }
        if (brought.stream().allMatch(files -> files.files().isEmpty())) {
            brought = List.of(RouteFiles.in(config.routesDirectory(), null));
        }
        for (RouteFiles files : brought) {
            ModelRoutes routes = new ModelRoutes(repository, files.model(), config.pipeline());
            for (Path file : files.files()) {
                add(context, file, routes);
            }
            written.addAll(routes.served());
            leftOut.putAll(routes.leftOut());
        }
    }

    private static void add(CamelContext context, Path file, ModelRoutes routes) throws Exception {
        for (RoutesBuilder builder :
                PluginHelper.getRoutesLoader(context)
                        .findRoutesBuilders(
                                ResourceHelper.resolveMandatoryResource(
                                        context, "file:" + file.toAbsolutePath()))) {
            ((RouteBuilder) builder).addLifecycleInterceptor(routes);
            context.addRoutes(builder);
        }
    }

    /** A model for which no pipeline of its name was written is served by {@code predict}. */
    private void addBuiltInRoutes(CamelContext context) throws Exception {
        for (LoadedModel model : repository.loaded().values()) {
            if (!written.contains(model.name())) {
                context.addRoutes(new PredictRoute(model));
                builtIn.add(model.name());
            }
        }
    }

    private void checkDefaultPipeline() {
        String wanted = config.pipeline();
        if (wanted == null || written.contains(wanted) || builtIn.contains(wanted)) {
            return;
        }
        List<String> served = new ArrayList<>(written);
        served.addAll(builtIn);
        throw new ConfigurationException(
                "BACTRIAN_PIPELINE is \""
                        + wanted
                        + "\": "
                        + (leftOut.containsKey(wanted)
                                ? "its model \""
                                        + leftOut.get(wanted)
                                        + "\" is not in "
                                        + repository.directory()
                                : "there is no such pipeline")
                        + "; served are "
                        + String.join(", ", served));
    }

    /**
     * Whether a request at work may do nothing but wait: for company in a model's queue, or for
     * another system's answer.
     */
    private static boolean waitsAtWork(CamelContext context) {
        return context.getEndpoints().stream()
                .anyMatch(
                        endpoint ->
                                endpoint instanceof TensorFlowEndpoint tensorFlow
                                        ? tensorFlow.sharesRuns()
                                        : endpoint.isRemote()
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
     * @return for each pipeline that is not served, the model it lacks
     */
    Map<String, String> leftOut() {
        return leftOut;
    }

    /**
     * @return the pipeline that {@code /invocations} goes to, or null
     */
    String defaultPipeline() {
        return selector.defaultPipeline();
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
