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
    private final ServerLimits limits;
    private final ServingState serving = new ServingState();
    private final Dispatcher dispatcher;
    private final HttpServerService server;
    private final InvocationEngine engine = new InvocationEngine(this::port);
    private final LocalPipelines pipelines;
    private int atWork;

    private Container(ContainerConfig config, ServerLimits limits, LoadListener listener) {
        this.config = config;
        this.limits = limits;
        this.pipelines = new LocalPipelines(config.serving(), listener, engine);
        this.dispatcher = new Dispatcher(config.maxInFlight(), config.timeout());
        this.server =
                new HttpServerService(
                        config.host(),
                        config.port(),
                        limits,
                        serving,
                        dispatcher,
                        new InvocationHandler(
                                serving,
                                engine,
                                dispatcher,
                                pipelines.budget(),
                                config.maxBodyBytes()));
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
        return start(config, ServerLimits.defaults(), listener, List.of());
    }

    /**
     * Starts the container with models in place of SavedModels, for tests of its pipelines.
     *
     * @param substitutes each served in place of the SavedModel of its name
     * @see #start(ContainerConfig, LoadListener)
     */
    public static Container start(ContainerConfig config, List<? extends Model> substitutes)
            throws Exception {
        return start(config, ServerLimits.defaults(), LoadListener.NONE, substitutes);
    }

    /** Starts the container with other limits, for tests. */
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
        atWork = config.requestsAtWork(waitsAtWork());
        dispatcher.open(atWork);
        OutOfMemoryExit.blameRequests(() -> dispatcher.running() > 0);
        serving.ready(pipelines.selector());
    }

    /** Opens the port, then loads models and pipelines, so that /ping is answered meanwhile. */
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
     * Whether a request at work may do nothing but wait: for company in a model's queue, or for
     * another system's answer.
     */
    private boolean waitsAtWork() {
        return pipelines.repository().sharesRuns()
                || pipelines.contexts().all().stream()
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
        return pipelines.budget();
    }

    /** {@return how many requests are worked on at a time} */
    int atWork() {
        return atWork;
    }

    ContainerConfig config() {
        return config;
    }

    LocalPipelines pipelines() {
        return pipelines;
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
            pipelines.close();
        } else {
            LOG.warn(
                    "{} predictions have not ended and are given up",
                    dispatcher.running() + (pipelines.isWarmingUp() ? 1 : 0));
        }
    }

    private boolean isIdle() {
        return server.openRequests() == 0 && isDispatched();
    }

    private boolean isDispatched() {
        return dispatcher.running() == 0 && dispatcher.waiting() == 0;
    }

    /** {@return whether nothing is being worked on} */
    public boolean isFinished() {
        return isDispatched() && !pipelines.isWarmingUp();
    }

    private static void await(BooleanSupplier condition, long millis) {
        long deadline = System.nanoTime() + millis * 1_000_000;
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
