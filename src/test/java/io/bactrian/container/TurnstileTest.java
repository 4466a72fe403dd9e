package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The turnstile in a server of Vert.x's alone, where the test does the workers' part. */
@Timeout(60)
class TurnstileTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    /** A request that was let through. */
    private record Begun(RoutingContext context, Context vertxContext, CountDownLatch ended) {

        String path() {
            return context.request().path();
        }

        void answer() {
            vertxContext.runOnContext(now -> context.response().end(path()));
        }
    }

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final BlockingQueue<Begun> begun = new LinkedBlockingQueue<>();
    private final BlockingQueue<HttpConnection> connections = new LinkedBlockingQueue<>();
    private final AtomicInteger deepest = new AtomicInteger();
    private Turnstile turnstile;
    private int port;

    /** Answers at once what has {@code /quick} as its path. */
    private void start(int places, Duration timeout) throws Exception {
        turnstile = new Turnstile(timeout);
        turnstile.open(places);
        Router router = Router.router(vertx);
        router.route().handler(turnstile).handler(this::begin);
        HttpServer server =
                vertx.createHttpServer()
                        .requestHandler(router)
                        .connectionHandler(connections::add)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get();
        port = server.actualPort();
    }

    private void begin(RoutingContext context) {
        if (context.request().path().equals("/quick")) {
            deepest.accumulateAndGet(Thread.currentThread().getStackTrace().length, Math::max);
            context.response().end();
            return;
        }
        CountDownLatch ended = new CountDownLatch(1);
        context.addEndHandler(end -> ended.countDown());
        begun.add(new Begun(context, vertx.getOrCreateContext(), ended));
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    private CompletableFuture<HttpResponse<String>> send(String path, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.sendAsync(request.build(), BodyHandlers.ofString());
    }

    private Socket open(String path) throws Exception {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes());
        return socket;
    }

    private Begun begins(String path) throws Exception {
        Begun next = begun.poll(30, TimeUnit.SECONDS);
        assertNotNull(next, path + " did not begin");
        assertEquals(path, next.path());
        return next;
    }

    private void awaitWaiting(int requests) {
        assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> {
                    while (turnstile.waiting() != requests) {
                        Thread.onSpinWait();
                    }
                });
    }

    /** Not more than one gets through: no place was lost, and none given back twice. */
    private void thereIsOnePlace() throws Exception {
        CompletableFuture<?> last = send("/last");
        Begun next = begins("/last");
        CompletableFuture<?> waits = send("/waits");
        awaitWaiting(1);
        assertTrue(begun.isEmpty());
        next.answer();
        last.get();
        begins("/waits").answer();
        waits.get();
        assertEquals(0, turnstile.waiting());
    }

    @Test
    void oneAfterTheOtherInOrder() throws Exception {
        start(1, LONG);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        answers.add(send("/0"));
        Begun next = begins("/0");
        for (int i = 1; i < 4; i++) {
            answers.add(send("/" + i));
            awaitWaiting(i);
        }
        for (int i = 1; i < 4; i++) {
            assertTrue(begun.isEmpty());
            next.answer();
            next = begins("/" + i);
            assertEquals(3 - i, turnstile.waiting());
        }
        next.answer();
        for (int i = 0; i < 4; i++) {
            assertEquals("/" + i, answers.get(i).get().body());
        }
        thereIsOnePlace();
    }

    @Test
    void asManyAtATimeAsThereArePlaces() throws Exception {
        start(2, LONG);
        CompletableFuture<?> first = send("/1");
        Begun one = begins("/1");
        CompletableFuture<?> second = send("/2");
        Begun two = begins("/2");
        CompletableFuture<?> third = send("/3");
        awaitWaiting(1);
        two.answer();
        second.get();
        begins("/3").answer();
        one.answer();
        first.get();
        third.get();
    }

    @Test
    void aLateRequestIsAnsweredWhileTheOneBeforeItIsStillAtWork() throws Exception {
        start(1, Duration.ofMillis(100));
        CompletableFuture<HttpResponse<String>> first = send("/slow");
        Begun slow = begins("/slow");
        List<CompletableFuture<HttpResponse<String>>> late = List.of(send("/2"), send("/3"));
        for (CompletableFuture<HttpResponse<String>> answer : late) {
            assertEquals(
                    "{\"error\": \"the request's time was up before a worker was free\"}",
                    answer.get().body());
            assertEquals(504, answer.get().statusCode());
        }
        assertEquals(0, turnstile.waiting());
        assertTrue(begun.isEmpty());
        slow.answer();
        assertEquals(200, first.get().statusCode());
        assertEquals(200, send("/quick").get().statusCode());
    }

    @Test
    void whoGoesAwayWhileWaitingIsForgotten() throws Exception {
        start(1, LONG);
        CompletableFuture<?> first = send("/first");
        Begun working = begins("/first");
        Socket gone = open("/gone");
        awaitWaiting(1);
        gone.close();
        awaitWaiting(0);
        working.answer();
        first.get();
        thereIsOnePlace();
    }

    /**
     * Its place has been given to it, but it has not begun: that its client has gone is told
     * between.
     */
    @Test
    void whoGoesAwayWhenItsTurnComesIsForgotten() throws Exception {
        start(1, LONG);
        CompletableFuture<?> first = send("/first");
        Begun working = begins("/first");
        connections.take();
        try (Socket gone = open("/gone")) {
            Channel channel = ((ConnectionBase) connections.take()).channel();
            awaitWaiting(1);
            working.vertxContext()
                    .runOnContext(
                            now -> {
                                channel.unsafe().close(channel.newPromise());
                                working.context().response().end();
                            });
            first.get();
            assertEquals(-1, gone.getInputStream().read());
        }
        thereIsOnePlace();
    }

    /** The worker does not know that nobody waits for it. */
    @Test
    void whoGoesAwayWhileAtWorkKeepsItsPlaceUntilTheWorkIsDone() throws Exception {
        start(1, LONG);
        Socket gone = open("/gone");
        Begun abandoned = begins("/gone");
        gone.close();
        abandoned.ended().await();
        CompletableFuture<?> second = send("/second");
        awaitWaiting(1);
        assertTrue(begun.isEmpty());
        abandoned.answer();
        begins("/second").answer();
        second.get();
        thereIsOnePlace();
    }

    @Test
    void whatFailsGivesItsPlaceBack() throws Exception {
        start(1, LONG);
        CompletableFuture<HttpResponse<String>> first = send("/first");
        Begun failing = begins("/first");
        CompletableFuture<?> second = send("/second");
        awaitWaiting(1);
        failing.vertxContext()
                .runOnContext(
                        now -> failing.context().fail(new IllegalStateException("on purpose")));
        assertEquals(500, first.get().statusCode());
        begins("/second").answer();
        second.get();
        thereIsOnePlace();
    }

    /** Each is answered before the handler of the one before has returned, if it may. */
    @Test
    void aLongQueueDoesNotNeedALongStack() throws Exception {
        start(1, LONG);
        CompletableFuture<?> first = send("/first");
        Begun working = begins("/first");
        List<CompletableFuture<HttpResponse<String>>> others = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            others.add(send("/quick"));
        }
        awaitWaiting(100);
        working.answer();
        first.get();
        for (CompletableFuture<HttpResponse<String>> other : others) {
            assertEquals(200, other.get().statusCode());
        }
        assertTrue(deepest.get() < 300, () -> "frames: " + deepest);
        thereIsOnePlace();
    }

    @Test
    void theDeadlineIsNotTheClientsToChoose() throws Exception {
        start(1, LONG);
        long before = System.nanoTime();
        send("/x", "Bactrian-Deadline", "1", "bactrian-deadline", "2");
        List<String> told = begins("/x").context().request().headers().getAll(Turnstile.DEADLINE);
        assertEquals(1, told.size());
        long left = Long.parseLong(told.get(0)) - before;
        assertTrue(left >= LONG.toNanos(), () -> "left: " + left);
        assertTrue(left <= System.nanoTime() - before + LONG.toNanos(), () -> "left: " + left);
    }
}
