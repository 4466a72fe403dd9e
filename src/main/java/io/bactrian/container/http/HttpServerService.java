package io.bactrian.container.http;

import io.bactrian.limit.OutOfMemoryExit;
import io.bactrian.route.ConfigurationException;
import io.netty.channel.ChannelPipeline;
import io.netty.util.concurrent.EventExecutorGroup;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server: Vert.x on one or several event loops, with a {@link ConnectionGuard} on each
 * connection.
 *
 * <p>Predictions are dispatched to Camel's {@code platform-http} routes: see {@link
 * InvocationEngine}.
 */
public final class HttpServerService {

    private static final long REJECT_EXPIRED_MILLIS = 50;

    private final String host;
    private final int configuredPort;
    private final ServerLimits limits;
    private final ServingState serving;
    private final Dispatcher dispatcher;
    private final InvocationHandler invocations;
    private final InferenceHandler inference;
    private final ModelHandler models;
    private final List<EventLoop> eventLoops = new CopyOnWriteArrayList<>();
    private @Nullable Vertx vertx;
    private volatile int port;
    private volatile boolean stopping;

    /**
     * Creates a server that is not started.
     *
     * @param host the address to listen on
     * @param configuredPort the port to listen on; 0 for a free one
     * @param limits the limits of connections
     * @param serving the state that {@code /ping} reports
     * @param dispatcher the queues of requests, whose deadlines the server checks
     * @param inference the handler of the Open Inference Protocol
     * @param models the handler of TensorFlow Serving's REST API
     * @param invocations the handler of predictions
     */
    public HttpServerService(
            String host,
            int configuredPort,
            ServerLimits limits,
            ServingState serving,
            Dispatcher dispatcher,
            InvocationHandler invocations,
            ModelHandler models,
            InferenceHandler inference) {
        this.host = host;
        this.configuredPort = configuredPort;
        this.limits = limits;
        this.serving = serving;
        this.dispatcher = dispatcher;
        this.invocations = invocations;
        this.inference = inference;
        this.models = models;
    }

    /** The part of the server that runs on one event loop. */
    private final class EventLoop extends AbstractVerticle {

        private final Router router;
        private final ConnectionGroup connections = new ConnectionGroup(limits, System::nanoTime);

        EventLoop(Router router) {
            this.router = router;
        }

        @Override
        public void start(Promise<Void> started) {
            io.netty.channel.EventLoop thread = ((ContextInternal) context).nettyEventLoop();
            connections.start(thread);
            reportEnd(thread);
            HttpServer server =
                    vertx.createHttpServer(options())
                            .requestHandler(new RequestGate(router))
                            .invalidRequestHandler(RequestGate::refuseInvalid)
                            .connectionHandler(this::configureConnection);
            server.listen()
                    .onSuccess(listening -> port = listening.actualPort())
                    .<Void>mapEmpty()
                    .onComplete(started);
        }

        private void configureConnection(HttpConnection connection) {
            ChannelPipeline pipeline = ((HttpServerConnection) connection).channel().pipeline();
            pipeline.replace("httpDecoder", "httpDecoder", new StrictRequestDecoder(options()));
            new ConnectionGuard(connections).install(pipeline, "handler");
        }

        /** Runs an action on the event loop. */
        void runOnLoop(Consumer<ConnectionGroup> action) {
            if (!stopping) {
                context.runOnContext(now -> action.accept(connections));
            }
        }
    }

    private void reportEnd(EventExecutorGroup threads) {
        threads.terminationFuture()
                .addListener(
                        ended -> {
                            if (!stopping) {
                                OutOfMemoryExit.eventLoopEnded();
                            }
                        });
    }

    private HttpServerOptions options() {
        return new HttpServerOptions()
                .setHost(host)
                // A negative port is a free one, the same for all event loops.
                .setPort(configuredPort == 0 ? -1 : configuredPort)
                .setHttp2ClearTextEnabled(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false);
    }

    /**
     * Opens the port.
     *
     * @throws ConfigurationException if the port can't be opened
     * @throws InterruptedException if the thread is interrupted meanwhile
     */
    public void start() throws InterruptedException {
        vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(limits.eventLoops())
                                // Unused, but there must be at least one thread each.
                                .setWorkerPoolSize(1)
                                .setInternalBlockingPoolSize(1));
        vertx.exceptionHandler(OutOfMemoryExit::unhandled);
        reportEnd(((VertxInternal) vertx).getAcceptorEventLoopGroup());
        Router router =
                Endpoints.router(vertx, new PingHandler(serving), invocations, models, inference);
        Future<String> deployed =
                vertx.deployVerticle(
                        () -> {
                            EventLoop eventLoop = new EventLoop(router);
                            eventLoops.add(eventLoop);
                            return eventLoop;
                        },
                        new DeploymentOptions().setInstances(limits.eventLoops()));
        try {
            deployed.toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException e) {
            stopping = true;
            vertx.close();
            throw new ConfigurationException(
                    "can't listen on "
                            + host
                            + ":"
                            + configuredPort
                            + ": "
                            + Objects.requireNonNull(e.getCause()).getMessage());
        }
        vertx.setPeriodic(REJECT_EXPIRED_MILLIS, now -> dispatcher.rejectExpired());
    }

    /** {@return the port that the server listens on} */
    public int port() {
        return port;
    }

    /** {@return the number of open connections} */
    public int connections() {
        return sum(ConnectionGroup::connections);
    }

    /** {@return the number of requests whose head has been received but not answered yet} */
    public int openRequests() {
        return sum(ConnectionGroup::openRequests);
    }

    private int sum(ToIntFunction<ConnectionGroup> count) {
        return eventLoops.stream().mapToInt(each -> count.applyAsInt(each.connections)).sum();
    }

    /** Closes each connection after its next answer, so that clients connect to another server. */
    public void drain() {
        eventLoops.forEach(each -> each.runOnLoop(ConnectionGroup::drain));
    }

    /** Answers 503 to requests that are still being received. */
    public void refuseUnfinished() {
        eventLoops.forEach(each -> each.runOnLoop(ConnectionGroup::close));
    }

    /**
     * Closes the port and all connections.
     *
     * @param millis the maximum time to wait, in milliseconds
     */
    public void stop(long millis) {
        if (vertx == null) {
            return;
        }
        stopping = true;
        try {
            vertx.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(millis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // A client does not read its answer; the process exits anyway.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
