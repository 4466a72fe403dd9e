package io.bactrian.container.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpServerOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One connection and its guard, without a network, and with a clock that the test sets. */
public class ConnectionGuardTest {

    private static final String HEAD =
            "POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n";

    private static final String REQUEST =
            "POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n";

    private static final ServerLimits LIMITS =
            new ServerLimits(
                    1,
                    3,
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(40),
                    1000,
                    Duration.ofSeconds(300),
                    Duration.ofSeconds(5),
                    1000,
                    Duration.ofSeconds(22));

    private final List<Connection> connections = new ArrayList<>();

    // A value of System.nanoTime() that overflows soon: that must not matter.
    private long now = Long.MAX_VALUE - 1000;
    private final ConnectionGroup group = new ConnectionGroup(LIMITS, () -> now);

    /** A connection, and what comes through to Vert.x. */
    private final class Connection {

        final List<String> seen = new ArrayList<>();
        final EmbeddedChannel channel = new EmbeddedChannel();

        Connection() {
            channel.freezeTime();
            channel.pipeline()
                    .addLast(new StrictRequestDecoder(new HttpServerOptions()))
                    .addLast(new HttpResponseEncoder())
                    .addLast(
                            "handler",
                            new ChannelInboundHandlerAdapter() {
                                @Override
                                public void channelRead(ChannelHandlerContext ctx, Object message) {
                                    note(message);
                                }
                            });
            new ConnectionGuard(group).install(channel.pipeline(), "handler");
            connections.add(this);
        }

        private void note(Object message) {
            if (message instanceof HttpRequest) {
                seen.add("head");
            } else if (message instanceof HttpContent content) {
                if (content.content().isReadable()) {
                    seen.add(content.content().toString(StandardCharsets.US_ASCII));
                }
                if (content instanceof LastHttpContent) {
                    seen.add("end");
                }
            }
            ReferenceCountUtil.release(message);
        }

        Connection send(String text) {
            channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
            return this;
        }

        void answer(int status, String... header) {
            DefaultFullHttpResponse response =
                    new DefaultFullHttpResponse(
                            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
            for (int i = 0; i < header.length; i += 2) {
                response.headers().set(header[i], header[i + 1]);
            }
            channel.pipeline().lastContext().writeAndFlush(response);
            channel.runPendingTasks();
        }

        /** {@return what the client has got since it was asked last} */
        String got() {
            channel.runPendingTasks();
            StringBuilder text = new StringBuilder();
            for (ByteBuf bytes = channel.readOutbound();
                    bytes != null;
                    bytes = channel.readOutbound()) {
                text.append(bytes.toString(StandardCharsets.UTF_8));
                bytes.release();
            }
            return text.toString();
        }

        int status() {
            String got = got();
            return got.isEmpty() ? 0 : Integer.parseInt(got.split(" ")[1]);
        }

        boolean isOpen() {
            channel.runPendingTasks();
            return channel.isOpen();
        }

        /** Writes bytes that the socket does not take, until it is flushed. */
        void write(int bytes) {
            channel.pipeline()
                    .context(StrictRequestDecoder.class)
                    .write(Unpooled.wrappedBuffer(new byte[bytes]));
        }

        void advance(double seconds) {
            channel.advanceTimeBy((long) (seconds * 1e9), TimeUnit.NANOSECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    private void after(double seconds) {
        now += (long) (seconds * 1e9);
        group.checkTimeouts();
    }

    @AfterEach
    void nothingIsLeft() {
        group.close();
        for (Connection connection : connections) {
            connection.channel.finishAndReleaseAll();
        }
        assertEquals(0, group.connections());
        assertEquals(0, group.openRequests());
    }

    @Test
    void aHeadThatDoesNotCome() {
        Connection connection = new Connection().send("POST /invocations HT");
        after(19.9);
        assertEquals(0, connection.status());
        after(0.1);
        String answer = connection.got();
        assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
        assertTrue(answer.endsWith("{\"error\": \"the request did not arrive in time\"}"), answer);
        assertTrue(answer.contains("\r\nconnection: close\r\n"), answer);
        // The client gets to read it.
        assertTrue(connection.isOpen());
        after(5);
        assertFalse(connection.isOpen());
    }

    @Test
    void aHeadThatComesLineByLine() {
        Connection connection = new Connection();
        for (int i = 0; i < 20; i++) {
            connection.send(i == 0 ? "POST /invocations HTTP/1.1\r\n" : "X-" + i + ": y\r\n");
            after(1);
        }
        assertEquals(408, connection.status());
    }

    @Test
    void aBodyThatDoesNotCome() {
        Connection connection = new Connection().send(HEAD);
        after(29.9);
        assertEquals(0, connection.status());
        after(0.1);
        String answer = connection.got();
        assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
        assertTrue(answer.endsWith("{\"error\": \"the body did not arrive in time\"}"), answer);
        // What comes now is thrown away.
        connection.send("more of it");
        assertEquals(List.of("head"), connection.seen);
    }

    @Test
    void aBodyThatDrips() {
        Connection connection = new Connection().send(HEAD);
        int seconds = 0;
        for (; connection.isOpen() && connection.status() == 0 && seconds < 100; seconds++) {
            connection.send("x");
            after(1);
        }
        assertEquals(30, seconds);
    }

    @Test
    void aSlowBodyThatIsFastEnough() {
        Connection connection = new Connection().send(HEAD);
        for (int i = 0; i < 900; i++) {
            connection.send("x".repeat(1100));
            after(1);
            assertEquals(0, connection.status(), "after " + i + " s");
        }
    }

    @Test
    void aBodyThatIsTooSlowInTheLongRun() {
        Connection connection = new Connection().send(HEAD);
        int seconds = 0;
        for (; connection.isOpen() && connection.status() == 0 && seconds < 900; seconds++) {
            connection.send("x".repeat(500));
            after(1);
        }
        assertTrue(seconds >= 58 && seconds <= 61, "after " + seconds + " s");
    }

    @Test
    void anIdleConnectionIsClosedWithoutAWord() {
        Connection connection = new Connection();
        after(299.9);
        assertTrue(connection.isOpen());
        after(0.1);
        assertEquals("", connection.got());
        assertFalse(connection.isOpen());
    }

    @Test
    void timeThatTheServerTakesIsNotTheClients() {
        Connection connection = new Connection().send(REQUEST + "a");
        after(3600);
        assertEquals(List.of("head", "a", "end"), connection.seen);
        connection.answer(200);
        assertEquals(200, connection.status());
        after(299.9);
        assertTrue(connection.isOpen());
        after(0.1);
        assertFalse(connection.isOpen());
    }

    @Test
    void anAnswerThatIsNotRead() {
        Connection connection = new Connection().send(REQUEST + "a");
        connection.write(9999);
        after(0);
        after(39.9);
        assertTrue(connection.isOpen());
        after(0.1);
        assertFalse(connection.isOpen());
    }

    @Test
    void anAnswerThatIsReadSlowly() {
        Connection connection = new Connection().send(REQUEST + "a");
        for (int i = 0; i < 100; i++) {
            connection.write(1100);
            after(1);
            assertTrue(connection.isOpen(), "after " + i + " s");
            connection.channel.flush();
            connection.got();
            // Something is always left.
            connection.write(1);
            after(0);
        }
    }

    @Test
    void aRequestIsHeldBackUntilTheOneBeforeItIsAnswered() {
        Connection connection =
                new Connection().send(REQUEST + "a" + REQUEST + "b" + REQUEST.substring(0, 20));
        assertEquals(List.of("head", "a", "end"), connection.seen);
        assertFalse(connection.channel.config().isAutoRead());
        connection.answer(200);
        assertEquals(List.of("head", "a", "end", "head", "b", "end"), connection.seen);
        assertTrue(connection.channel.config().isAutoRead());
        connection.answer(200);
        connection.send(REQUEST.substring(20) + "c");
        assertEquals("c", connection.seen.get(7));
    }

    @Test
    void aHeldBodyComesInParts() {
        Connection connection = new Connection().send(REQUEST + "a" + HEAD + "some");
        assertEquals(1, group.openRequests());
        connection.answer(200);
        assertEquals(List.of("head", "a", "end", "head", "some"), connection.seen);
        connection.send("more");
        assertEquals("more", connection.seen.get(5));
        after(29.9);
        assertEquals(200, connection.status());
        after(0.1);
        assertEquals(408, connection.status());
    }

    @Test
    void tooManyRequestsAheadOfTheirAnswers() {
        Connection connection = new Connection().send((REQUEST + "a").repeat(17));
        assertTrue(connection.isOpen());
        connection.send((REQUEST + "a").repeat(1));
        assertFalse(connection.isOpen());
    }

    @Test
    void retriesAreSlowedDown() {
        Connection connection = new Connection();
        int answered = 0;
        do {
            connection.send(REQUEST + "a").answer(503);
            answered++;
        } while (connection.channel.config().isAutoRead());
        connection.send(REQUEST + "a");
        assertEquals(3 * answered, connection.seen.size());
        // As many as come in the 50 ms that may come at any rate, at 1000 a second.
        assertEquals(50, answered, 2);
        connection.advance(1);
        assertEquals(3 * (answered + 1), connection.seen.size());
    }

    @Test
    void othersAreNotSlowedDown() {
        Connection connection = new Connection();
        for (int i = 0; i < 200; i++) {
            connection.send(REQUEST + "a");
            connection.answer(i % 2 == 0 ? 200 : 404);
        }
        assertEquals(600, connection.seen.size());
    }

    @Test
    void theRestOfARefusedRequestIsThrownAwayUpToASize() {
        Connection connection = new Connection().send(HEAD);
        connection.answer(404);
        connection.send("x".repeat(60_000));
        assertTrue(connection.isOpen());
        assertEquals(0, group.openRequests());
        connection.send("x".repeat(10_000));
        connection.got();
        // Closing, but not yet closed: the client gets to read the answer.
        int seen = connection.seen.size();
        connection.send("x".repeat(1_000_000));
        assertEquals(seen, connection.seen.size());
        assertTrue(connection.isOpen());
        after(5);
        assertFalse(connection.isOpen());
    }

    @Test
    void closesAfterAnAnswerThatSaysSo() {
        Connection connection = new Connection().send(REQUEST + "a");
        connection.answer(200, "Connection", "close");
        assertEquals(200, connection.status());
        assertFalse(connection.isOpen());
    }

    /** Vert.x keeps such a connection open, on which no other request is read. */
    @ParameterizedTest
    @ValueSource(strings = {"TE, close", "close, TE", "keep-alive, close", "close,close"})
    void closesWhereCloseIsOneOfSeveralOptions(String options) {
        Connection connection =
                new Connection()
                        .send(
                                REQUEST.replace("Host: x", "Host: x\r\nConnection: " + options)
                                        + "a");
        connection.answer(200);
        assertTrue(connection.got().contains("connection: close"));
        assertFalse(connection.isOpen());
    }

    @Test
    void lingersWhereTheClientIsStillSending() {
        Connection connection = new Connection().send(HEAD);
        connection.answer(413, "Connection", "close");
        assertTrue(connection.isOpen());
        connection.send("x".repeat(1_000_000));
        assertEquals(List.of("head"), connection.seen);
        after(5);
        assertFalse(connection.isOpen());
    }

    @Test
    void drainingClosesWithTheNextAnswer() {
        Connection connection = new Connection().send(REQUEST + "a");
        group.drain();
        connection.answer(200);
        assertTrue(connection.got().contains("connection: close"));
        assertFalse(connection.isOpen());
    }

    @Test
    void theEndRefusesWhatIsBeingReceived() {
        Connection receiving = new Connection().send(HEAD);
        Connection working = new Connection().send(REQUEST + "a");
        Connection idle = new Connection();
        group.close();
        assertEquals(503, receiving.status());
        assertFalse(receiving.isOpen());
        assertEquals(0, working.status());
        assertEquals(1, group.openRequests());
        assertTrue(idle.isOpen());
    }

    @Test
    void beyondTheLimitTheIdlestConnectionGoes() {
        Connection first = new Connection();
        after(1);
        Connection second = new Connection();
        after(1);
        Connection third = new Connection();
        first.send(REQUEST + "a");
        after(1);
        Connection fourth = new Connection();
        assertTrue(first.isOpen());
        assertFalse(second.isOpen());
        assertTrue(third.isOpen());
        third.send(HEAD);
        fourth.send(REQUEST + "a");
        // All are at work, so the new one has to go.
        assertFalse(new Connection().isOpen());
        assertEquals(3, group.connections());
    }

    @Test
    void aBadChunk() {
        Connection connection =
                new Connection()
                        .send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        connection.send("zz\r\n");
        assertEquals(400, connection.status());
        assertEquals(0, group.openRequests());
    }

    /** The failure is noticed within the write, where the encoder must not be entered again. */
    @Test
    void anAnswerThatCanNotBeWrittenEndsTheConnection() {
        Connection connection = new Connection().send(REQUEST + "x");
        List<Throwable> faults = new ArrayList<>();
        connection
                .channel
                .pipeline()
                .addFirst(
                        new ChannelOutboundHandlerAdapter() {
                            @Override
                            public void write(
                                    ChannelHandlerContext ctx,
                                    Object message,
                                    ChannelPromise promise) {
                                try {
                                    ReferenceCountUtil.release(message);
                                } catch (IllegalReferenceCountException e) {
                                    faults.add(e);
                                }
                                promise.tryFailure(new ClosedChannelException());
                            }
                        });
        connection.answer(400, "connection", "close");
        assertEquals(List.of(), faults);
        assertFalse(connection.isOpen());
    }
}
