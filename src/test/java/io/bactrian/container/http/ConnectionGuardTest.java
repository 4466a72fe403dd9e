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

/** A connection's guard on an embedded channel, with a clock that the test advances. */
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

    // A value of System.nanoTime() that soon overflows, which must not matter.
    private long now = Long.MAX_VALUE - 1000;
    private final ConnectionGroup group = new ConnectionGroup(LIMITS, () -> now);

    /** A connection that records what is passed on to Vert.x. */
    private final class Connection {

        final List<String> passedOn = new ArrayList<>();
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
                                    record(message);
                                }
                            });
            new ConnectionGuard(group).install(channel.pipeline(), "handler");
            connections.add(this);
        }

        private void record(Object message) {
            if (message instanceof HttpRequest) {
                passedOn.add("head");
            } else if (message instanceof HttpContent content) {
                if (content.content().isReadable()) {
                    passedOn.add(content.content().toString(StandardCharsets.US_ASCII));
                }
                if (content instanceof LastHttpContent) {
                    passedOn.add("end");
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

        /** {@return what the client has received since the last call} */
        String received() {
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
            String received = received();
            return received.isEmpty() ? 0 : Integer.parseInt(received.split(" ")[1]);
        }

        boolean isOpen() {
            channel.runPendingTasks();
            return channel.isOpen();
        }

        /** Writes bytes that are not sent until the channel is flushed. */
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

    private void advanceClock(double seconds) {
        now += (long) (seconds * 1e9);
        group.checkTimeouts();
    }

    @AfterEach
    void noConnectionOrRequestIsLeft() {
        group.close();
        for (Connection connection : connections) {
            connection.channel.finishAndReleaseAll();
        }
        assertEquals(0, group.connections());
        assertEquals(0, group.openRequests());
    }

    @Test
    void incompleteHeadTimesOut() {
        Connection connection = new Connection().send("POST /invocations HT");
        advanceClock(19.9);
        assertEquals(0, connection.status());
        advanceClock(0.1);
        String answer = connection.received();
        assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
        assertTrue(answer.endsWith("{\"error\": \"the request did not arrive in time\"}"), answer);
        assertTrue(answer.contains("\r\nconnection: close\r\n"), answer);
        // The client has time to read it.
        assertTrue(connection.isOpen());
        advanceClock(5);
        assertFalse(connection.isOpen());
    }

    @Test
    void headSentLineByLineTimesOut() {
        Connection connection = new Connection();
        for (int i = 0; i < 20; i++) {
            connection.send(i == 0 ? "POST /invocations HTTP/1.1\r\n" : "X-" + i + ": y\r\n");
            advanceClock(1);
        }
        assertEquals(408, connection.status());
    }

    @Test
    void missingBodyTimesOut() {
        Connection connection = new Connection().send(HEAD);
        advanceClock(29.9);
        assertEquals(0, connection.status());
        advanceClock(0.1);
        String answer = connection.received();
        assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
        assertTrue(answer.endsWith("{\"error\": \"the body did not arrive in time\"}"), answer);
        // Further input is discarded.
        connection.send("more of it");
        assertEquals(List.of("head"), connection.passedOn);
    }

    @Test
    void bodySentByteByByteTimesOut() {
        Connection connection = new Connection().send(HEAD);
        int seconds = 0;
        for (; connection.isOpen() && connection.status() == 0 && seconds < 100; seconds++) {
            connection.send("x");
            advanceClock(1);
        }
        assertEquals(30, seconds);
    }

    @Test
    void bodyAboveTheMinimumRateDoesNotTimeOut() {
        Connection connection = new Connection().send(HEAD);
        for (int i = 0; i < 900; i++) {
            connection.send("x".repeat(1100));
            advanceClock(1);
            assertEquals(0, connection.status(), "after " + i + " s");
        }
    }

    @Test
    void bodyBelowTheMinimumRateTimesOut() {
        Connection connection = new Connection().send(HEAD);
        int seconds = 0;
        for (; connection.isOpen() && connection.status() == 0 && seconds < 900; seconds++) {
            connection.send("x".repeat(500));
            advanceClock(1);
        }
        assertTrue(seconds >= 58 && seconds <= 61, "after " + seconds + " s");
    }

    @Test
    void idleConnectionIsClosedWithoutAnAnswer() {
        Connection connection = new Connection();
        advanceClock(299.9);
        assertTrue(connection.isOpen());
        advanceClock(0.1);
        assertEquals("", connection.received());
        assertFalse(connection.isOpen());
    }

    @Test
    void processingTimeDoesNotCountAsIdle() {
        Connection connection = new Connection().send(REQUEST + "a");
        advanceClock(3600);
        assertEquals(List.of("head", "a", "end"), connection.passedOn);
        connection.answer(200);
        assertEquals(200, connection.status());
        advanceClock(299.9);
        assertTrue(connection.isOpen());
        advanceClock(0.1);
        assertFalse(connection.isOpen());
    }

    @Test
    void unreadAnswerTimesOut() {
        Connection connection = new Connection().send(REQUEST + "a");
        connection.write(9999);
        advanceClock(0);
        advanceClock(39.9);
        assertTrue(connection.isOpen());
        advanceClock(0.1);
        assertFalse(connection.isOpen());
    }

    @Test
    void answerReadAboveTheMinimumRateDoesNotTimeOut() {
        Connection connection = new Connection().send(REQUEST + "a");
        for (int i = 0; i < 100; i++) {
            connection.write(1100);
            advanceClock(1);
            assertTrue(connection.isOpen(), "after " + i + " s");
            connection.channel.flush();
            connection.received();
            // Some bytes remain unsent.
            connection.write(1);
            advanceClock(0);
        }
    }

    @Test
    void pipelinedRequestIsHeldUntilTheOneBeforeItIsAnswered() {
        Connection connection =
                new Connection().send(REQUEST + "a" + REQUEST + "b" + REQUEST.substring(0, 20));
        assertEquals(List.of("head", "a", "end"), connection.passedOn);
        assertFalse(connection.channel.config().isAutoRead());
        connection.answer(200);
        assertEquals(List.of("head", "a", "end", "head", "b", "end"), connection.passedOn);
        assertTrue(connection.channel.config().isAutoRead());
        connection.answer(200);
        connection.send(REQUEST.substring(20) + "c");
        assertEquals("c", connection.passedOn.get(7));
    }

    @Test
    void heldRequestMayArriveInParts() {
        Connection connection = new Connection().send(REQUEST + "a" + HEAD + "some");
        assertEquals(1, group.openRequests());
        connection.answer(200);
        assertEquals(List.of("head", "a", "end", "head", "some"), connection.passedOn);
        connection.send("more");
        assertEquals("more", connection.passedOn.get(5));
        advanceClock(29.9);
        assertEquals(200, connection.status());
        advanceClock(0.1);
        assertEquals(408, connection.status());
    }

    @Test
    void tooManyPipelinedRequestsCloseTheConnection() {
        Connection connection = new Connection().send((REQUEST + "a").repeat(17));
        assertTrue(connection.isOpen());
        connection.send((REQUEST + "a").repeat(1));
        assertFalse(connection.isOpen());
    }

    @Test
    void immediateRetriesAfterRefusalsAreDelayed() {
        Connection connection = new Connection();
        int answered = 0;
        do {
            connection.send(REQUEST + "a").answer(503);
            answered++;
        } while (connection.channel.config().isAutoRead());
        connection.send(REQUEST + "a");
        assertEquals(3 * answered, connection.passedOn.size());
        // The burst of 50 ms at 1000 refusals per second.
        assertEquals(50, answered, 2);
        connection.advance(1);
        assertEquals(3 * (answered + 1), connection.passedOn.size());
    }

    @Test
    void otherRequestsAreNotDelayed() {
        Connection connection = new Connection();
        for (int i = 0; i < 200; i++) {
            connection.send(REQUEST + "a");
            connection.answer(i % 2 == 0 ? 200 : 404);
        }
        assertEquals(600, connection.passedOn.size());
    }

    @Test
    void restOfARefusedRequestIsDiscardedUpToALimit() {
        Connection connection = new Connection().send(HEAD);
        connection.answer(404);
        connection.send("x".repeat(60_000));
        assertTrue(connection.isOpen());
        assertEquals(0, group.openRequests());
        connection.send("x".repeat(10_000));
        connection.received();
        // Lingering: the client can still read the answer.
        int passedOn = connection.passedOn.size();
        connection.send("x".repeat(1_000_000));
        assertEquals(passedOn, connection.passedOn.size());
        assertTrue(connection.isOpen());
        advanceClock(5);
        assertFalse(connection.isOpen());
    }

    @Test
    void answerWithConnectionCloseClosesTheConnection() {
        Connection connection = new Connection().send(REQUEST + "a");
        connection.answer(200, "Connection", "close");
        assertEquals(200, connection.status());
        assertFalse(connection.isOpen());
    }

    /** Vert.x would keep such a connection open, but no other request is read from it. */
    @ParameterizedTest
    @ValueSource(strings = {"TE, close", "close, TE", "keep-alive, close", "close,close"})
    void closeAmongSeveralOptionsClosesTheConnection(String options) {
        Connection connection =
                new Connection()
                        .send(
                                REQUEST.replace("Host: x", "Host: x\r\nConnection: " + options)
                                        + "a");
        connection.answer(200);
        assertTrue(connection.received().contains("connection: close"));
        assertFalse(connection.isOpen());
    }

    @Test
    void connectionLingersWhileTheClientIsSending() {
        Connection connection = new Connection().send(HEAD);
        connection.answer(413, "Connection", "close");
        assertTrue(connection.isOpen());
        connection.send("x".repeat(1_000_000));
        assertEquals(List.of("head"), connection.passedOn);
        advanceClock(5);
        assertFalse(connection.isOpen());
    }

    @Test
    void drainingClosesTheConnectionAfterTheNextAnswer() {
        Connection connection = new Connection().send(REQUEST + "a");
        group.drain();
        connection.answer(200);
        assertTrue(connection.received().contains("connection: close"));
        assertFalse(connection.isOpen());
    }

    @Test
    void closingRefusesUnfinishedRequests() {
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
    void longestIdleConnectionIsClosedBeyondTheLimit() {
        Connection first = new Connection();
        advanceClock(1);
        Connection second = new Connection();
        advanceClock(1);
        Connection third = new Connection();
        first.send(REQUEST + "a");
        advanceClock(1);
        Connection fourth = new Connection();
        assertTrue(first.isOpen());
        assertFalse(second.isOpen());
        assertTrue(third.isOpen());
        third.send(HEAD);
        fourth.send(REQUEST + "a");
        // None is idle, so the new one is closed.
        assertFalse(new Connection().isOpen());
        assertEquals(3, group.connections());
    }

    @Test
    void malformedChunkIsRejected() {
        Connection connection =
                new Connection()
                        .send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        connection.send("zz\r\n");
        assertEquals(400, connection.status());
        assertEquals(0, group.openRequests());
    }

    /** The write fails while the encoder is active, which must not be entered again. */
    @Test
    void failedWriteClosesTheConnection() {
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
