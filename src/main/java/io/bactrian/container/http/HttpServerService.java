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
 * The HTTP server: Vert.x, on one or several event loops, with a {@link ConnectionGuard} on each
 * connection.
 *
 * <p>What is to be predicted goes on to Camel's {@code platform-http} routes: see {@link
 * InvocationEngine}.
 */
public final class HttpServerService {

    private static final long REJECT_LATE_MILLIS = 50;

    private final String host;
    private final int configuredPort;
    private final ServerLimits limits;
    private final ServingState serving;
    private final Dispatcher dispatcher;
    private final InvocationHandler invocations;
    private final List<EventLoop> eventLoops = new CopyOnWriteArrayList<>();
    private @Nullable Vertx vertx;
    private volatile int port;
    private volatile boolean stopping;

    public HttpServerService(
            String host,
            int configuredPort,
            ServerLimits limits,
            ServingState serving,
            Dispatcher dispatcher,
            InvocationHandler invocations) {
        this.host = host;
        this.configuredPort = configuredPort;
        this.limits = limits;
        this.serving = serving;
        this.dispatcher = dispatcher;
        this.invocations = invocations;
    }

    /** One event loop's part of the server. */
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
                            .connectionHandler(this::watch);
            server.listen()
                    .onSuccess(listening -> port = listening.actualPort())
                    .<Void>mapEmpty()
                    .onComplete(started);
        }

        private void watch(HttpConnection connection) {
            ChannelPipeline pipeline = ((HttpServerConnection) connection).channel().pipeline();
            pipeline.replace("httpDecoder", "httpDecoder", new StrictRequestDecoder(options()));
            new ConnectionGuard(connections).install(pipeline, "handler");
        }

        /** Does something with the connections, on their own thread. */
        void with(Consumer<ConnectionGroup> action) {
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
                // Below zero is any port, and the same for all event loops.
                .setPort(configuredPort == 0 ? -1 : configuredPort)
                .setHttp2ClearTextEnabled(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false);
    }

    /**
     * Opens the port.
     *
     * @throws ConfigurationException if that can't be done
     */
    public void start() throws InterruptedException {
        vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(limits.eventLoops())
                                // Nothing is executed by them.
                                .setWorkerPoolSize(1)
                                .setInternalBlockingPoolSize(1));
        vertx.exceptionHandler(OutOfMemoryExit::unhandled);
        reportEnd(((VertxInternal) vertx).getAcceptorEventLoopGroup());
        Router router = Endpoints.router(vertx, new PingHandler(serving), invocations);
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
        vertx.setPeriodic(REJECT_LATE_MILLIS, now -> dispatcher.rejectLate());
    }

    /** {@return the port that is listened on} */
    public int port() {
        return port;
    }

    /** {@return connections that are open} */
    public int connections() {
        return sum(ConnectionGroup::connections);
    }

    /** {@return requests whose head is there and whose answer is not written yet} */
    public int openRequests() {
        return sum(ConnectionGroup::openRequests);
    }

    private int sum(ToIntFunction<ConnectionGroup> count) {
        return eventLoops.stream().mapToInt(each -> count.applyAsInt(each.connections)).sum();
    }

    /** Tells clients with each answer to open another connection, elsewhere. */
    public void drain() {
        eventLoops.forEach(each -> each.with(ConnectionGroup::drain));
    }

    /** Answers 503 to what is still being received. */
    public void refuseUnfinished() {
        eventLoops.forEach(each -> each.with(ConnectionGroup::close));
    }

    /**
     * Closes the port and all connections.
     *
     * @param millis how long to wait for that
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
            // Some client does not read its answer: the process ends all the same.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
