package io.bactrian.container;

import io.bactrian.container.http.Dispatcher;
import io.bactrian.container.http.HttpServerService;
import io.bactrian.container.http.InferenceHandler;
import io.bactrian.container.http.InvocationEngine;
import io.bactrian.container.http.InvocationHandler;
import io.bactrian.container.http.InvocationRoutes;
import io.bactrian.container.http.ModelHandler;
import io.bactrian.container.http.PredictionServices;
import io.bactrian.container.http.ServerLimits;
import io.bactrian.container.http.ServingState;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.limit.OutOfMemoryExit;
import io.bactrian.model.LoadListener;
import io.bactrian.model.Model;
import io.bactrian.route.ConfigurationException;
import io.bactrian.serving.LocalPipelines;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inference container: serves the models of one directory and their pipelines over HTTP.
 *
 * <p>The port opens before the models are loaded, so that {@code /ping} answers 503 meanwhile.
 * {@link #close} refuses new requests and waits for those in flight.
 */
public final class Container implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Container.class);

    /** The time that clients have to read their last answer and close their connections. */
    private static final long LINGER_MILLIS = 500;

    /** The time limit for closing the sockets. */
    private static final long STOP_MILLIS = 1000;

    private static final long POLL_NANOS = 5_000_000;

    private final ContainerConfig config;
    private final ServerLimits limits;
    private final ServingState serving = new ServingState();
    private final Dispatcher dispatcher;
    private final HttpServerService server;
    private final InvocationEngine engine = new InvocationEngine(this::port);
    private final LocalPipelines pipelines;
    private int concurrency;

    private Container(ContainerConfig config, ServerLimits limits, LoadListener listener) {
        this.config = config;
        this.limits = limits;
        this.pipelines = new LocalPipelines(config.serving(), listener, engine);
        this.dispatcher = new Dispatcher(config.maxInFlight(), config.timeout());
        PredictionServices services =
                new PredictionServices(
                        pipelines.repository(),
                        serving,
                        engine,
                        dispatcher,
                        pipelines.errors(),
                        pipelines.budget(),
                        config.maxBodyBytes());
        this.server =
                new HttpServerService(
                        config.host(),
                        config.port(),
                        limits,
                        serving,
                        dispatcher,
                        new InvocationHandler(services),
                        new ModelHandler(services),
                        new InferenceHandler(services));
    }

    /**
     * Starts the container.
     *
     * @param config the configuration
     * @return the started container
     * @throws Exception as {@link #start(ContainerConfig, LoadListener)} does
     */
    public static Container start(ContainerConfig config) throws Exception {
        return start(config, LoadListener.NONE);
    }

    /**
     * Starts the container and loads models and pipelines. After that {@code /ping} answers 200, or
     * 503 if no pipeline can be served or the default one is broken: see {@link StartupReport}.
     *
     * @param config the configuration
     * @param listener called when a model is loaded
     * @return the started container
     * @throws ConfigurationException if a setting is invalid, or, with {@code BACTRIAN_STRICT}, a
     *     model or pipeline is broken
     * @throws io.bactrian.model.ModelLoadException if the model directory can't be read, or a
     *     library of custom operations can't be loaded
     * @throws Exception if Camel can't be started
     */
    public static Container start(ContainerConfig config, LoadListener listener) throws Exception {
        return start(config, ServerLimits.defaults(), listener, List.of());
    }

    /**
     * Starts the container with substitutes for SavedModels, for tests of pipelines.
     *
     * @param config the configuration
     * @param substitutes the models that replace the SavedModels of their names
     * @return the started container
     * @throws Exception as {@link #start(ContainerConfig, LoadListener)} does
     */
    public static Container start(ContainerConfig config, List<? extends Model> substitutes)
            throws Exception {
        return start(config, ServerLimits.defaults(), LoadListener.NONE, substitutes);
    }

    /** Starts the container with other than the default limits, for tests. */
    static Container start(ContainerConfig config, ServerLimits limits) throws Exception {
        return start(config, limits, LoadListener.NONE, List.of());
    }

    private static Container start(
            ContainerConfig config,
            ServerLimits limits,
            LoadListener listener,
            List<? extends Model> substitutes)
            throws Exception {
        Container container = new Container(config, limits, listener);
        try {
            substitutes.forEach(container.pipelines.repository()::substitute);
            container.start();
            return container;
        } catch (Throwable e) {
            container.close();
            throw e;
        }
    }

    private void start() throws Exception {
        load();
        concurrency = config.concurrency(requestsBlock());
        dispatcher.open(concurrency);
        OutOfMemoryExit.blameRequests(() -> dispatcher.running() > 0);
        serving.ready(pipelines.selector());
    }

    /** Opens the port, so that {@code /ping} is answered, and loads models and pipelines. */
    private void load() throws Exception {
        try {
            server.start();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()));
        }
        pipelines.load().addRoutes(new InvocationRoutes());
        pipelines.warmUp();
    }

    /**
     * {@return whether requests may block while they are processed: in a model's batching queue, or
     * until another system answers}
     */
    private boolean requestsBlock() {
        return pipelines.repository().sharesRuns()
                || pipelines.contexts().all().stream()
                        .flatMap(context -> context.getEndpoints().stream())
                        .anyMatch(
                                endpoint ->
                                        endpoint.isRemote()
                                                && !(endpoint instanceof PlatformHttpEndpoint));
    }

    /** {@return the port that the server listens on} */
    public int port() {
        return server.port();
    }

    /** {@return the number of requests whose head has been received but not answered yet} */
    int openRequests() {
        return server.openRequests();
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    MemoryBudget budget() {
        return pipelines.budget();
    }

    /** {@return the maximum number of requests of one pipeline that are processed at once} */
    int concurrency() {
        return concurrency;
    }

    ContainerConfig config() {
        return config;
    }

    LocalPipelines pipelines() {
        return pipelines;
    }

    /**
     * Refuses new requests, waits for those in flight, and stops the server and the pipelines.
     * Requests that take too long are answered 503. A run of a model that has not ended by then
     * can't be aborted; then pipelines and models are not closed, since it still uses them.
     */
    @Override
    public void close() {
        serving.drain();
        server.drain();
        // A request whose client has disconnected may still be processed.
        await(this::isIdle, limits.drainTimeout().toMillis());
        server.refuseUnfinished();
        dispatcher.close();
        await(() -> server.openRequests() == 0, LINGER_MILLIS);
        // Each connection is closed after its next answer. Idle connections are not waited for.
        await(() -> server.connections() == 0, LINGER_MILLIS);
        server.stop(STOP_MILLIS);
        if (isFinished()) {
            pipelines.close();
        } else {
            LOG.warn(
                    "{} predictions have not ended and are abandoned",
                    dispatcher.running() + (pipelines.isWarmingUp() ? 1 : 0));
        }
    }

    private boolean isIdle() {
        return server.openRequests() == 0 && isQueueEmpty();
    }

    private boolean isQueueEmpty() {
        return dispatcher.running() == 0 && dispatcher.waiting() == 0;
    }

    /** {@return whether no request is queued or processed and no model is warming up} */
    public boolean isFinished() {
        return isQueueEmpty() && !pipelines.isWarmingUp();
    }

    private static void await(BooleanSupplier condition, long millis) {
        long deadline = System.nanoTime() + millis * 1_000_000;
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
