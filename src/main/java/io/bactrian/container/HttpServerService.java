package io.bactrian.container;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.impl.VertxInternal;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.support.service.ServiceSupport;

/**
 * The HTTP server, which Camel's {@code platform-http:} routes take their requests from.
 *
 * <p>Camel's own server is not used: it takes no handler that runs before the body is read, writes
 * uploads to the working directory, and leaves Vert.x's options at their defaults.
 */
final class HttpServerService extends ServiceSupport {

    private static final int INTERNAL_ERROR = 500;

    /**
     * Requests that are handed over for each worker, the one at work included: a worker that had to
     * be given each by the event loop would wait for that, and small requests took half as long
     * again of the processor. What is handed over can't be taken back, so they are few.
     */
    private static final int HANDED_OVER = 4;

    private final CamelContext camelContext;
    private final ContainerConfig config;
    private final ContractHandler contract;
    private final Turnstile turnstile;
    private final AtomicInteger connections = new AtomicInteger();
    private Vertx vertx;
    private HttpServer server;

    HttpServerService(
            CamelContext camelContext,
            ContainerConfig config,
            ContractHandler contract,
            Turnstile turnstile) {
        this.camelContext = camelContext;
        this.config = config;
        this.contract = contract;
        this.turnstile = turnstile;
    }

    private void count(HttpConnection connection) {
        connections.incrementAndGet();
        connection.closeHandler(closed -> connections.decrementAndGet());
    }

    /**
     * @return connections that are open
     */
    int connections() {
        return connections.get();
    }

    /**
     * Sets how many requests are worked on at a time; to be called before requests come. Vert.x
     * fixes it at its own start, when it is not known yet what is served.
     *
     * @param workers at most as many as the configuration's threads
     */
    void open(int workers) {
        ThreadPoolExecutor pool =
                (ThreadPoolExecutor) ((VertxInternal) vertx).getWorkerPool().executor();
        pool.setCorePoolSize(workers);
        pool.setMaximumPoolSize(workers);
        turnstile.open(HANDED_OVER * workers);
    }

    /**
     * @return the port that is listened on
     */
    int port() {
        return server.actualPort();
    }

    @Override
    protected void doStart() throws Exception {
        vertx = Vertx.vertx(new VertxOptions().setWorkerPoolSize(config.workerThreads()));
        Router router = Router.router(vertx);
        router.route().order(Integer.MIN_VALUE).handler(contract);
        router.errorHandler(413, failed -> refuse(failed, 413, contract.tooLargeMessage()));
        router.errorHandler(400, failed -> refuse(failed, 400, "not a well-formed request"));
        router.errorHandler(
                INTERNAL_ERROR,
                failed -> HttpAnswers.error(failed.response(), ErrorAnswer.of(failed.failure())));
        String name = VertxPlatformHttpRouter.getRouterNameFromPort(0);
        camelContext
                .getRegistry()
                .bind(name, new VertxPlatformHttpRouter(null, vertx, router, name));
        InvocationEngine engine = new InvocationEngine(List.of(bodyHandler(), turnstile));
        engine.setCamelContext(camelContext);
        camelContext.getRegistry().bind(PlatformHttpConstants.PLATFORM_HTTP_ENGINE_NAME, engine);
        HttpServerOptions options =
                new HttpServerOptions()
                        .setHost(config.host())
                        .setPort(config.port())
                        .setHttp2ClearTextEnabled(false);
        try {
            server =
                    vertx.createHttpServer(options)
                            .requestHandler(router)
                            .connectionHandler(this::count)
                            .listen()
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get();
        } catch (ExecutionException e) {
            closeVertx();
            throw new ConfigurationException(
                    "can't listen on "
                            + config.host()
                            + ":"
                            + config.port()
                            + ": "
                            + e.getCause().getMessage());
        }
    }

    private Handler<RoutingContext> bodyHandler() {
        return BodyHandler.create(false)
                .setPreallocateBodyBuffer(true)
                .setBodyLimit(config.maxBodyBytes());
    }

    @Override
    protected void doStop() throws Exception {
        closeVertx();
    }

    private void closeVertx() throws Exception {
        if (vertx == null) {
            return;
        }
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    private static void refuse(RoutingContext context, int status, String message) {
        HttpAnswers.error(context.response(), status, message);
    }
}
