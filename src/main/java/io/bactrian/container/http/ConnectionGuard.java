package io.bactrian.container.http;

import io.bactrian.invocation.ErrorAnswer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A channel handler between the HTTP codec and Vert.x that enforces the limits of one connection.
 * It enforces timeouts, closes the connection such that the client can read its last answer, and
 * passes on only one request at a time.
 *
 * <ul>
 *   <li>If receiving a head or body or sending an answer takes too long, the connection is closed,
 *       after a 408 if the client waits for an answer.
 *   <li>A pipelined request is held until the request before it is answered, and reading is
 *       suspended meanwhile: Vert.x would continue to read and queue all of them. A request after a
 *       503 is delayed in the same way, by {@link RefusalPacer}.
 *   <li>The connection is closed after an answer with {@code Connection: close}. If the client is
 *       still sending, only the output is shut down at first, and input is discarded for a while.
 *       Closing at once would reset the connection, and the client could not read the answer.
 *   <li>The rest of a refused request is discarded, up to a size beyond which closing the
 *       connection is cheaper.
 *   <li>A malformed chunk is answered 400.
 * </ul>
 *
 * <p>All methods are called on the event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails closes the connection.
final class ConnectionGuard extends ChannelDuplexHandler {

    /** The maximum number of held requests. Only an attacker would pipeline more in one read. */
    private static final int MAX_HELD_REQUESTS = 16;

    /** The maximum rest of a refused request that is discarded without closing the connection. */
    static final int MAX_DISCARDED_BYTES = 64 * 1024;

    /** The maximum size of one read, and so of the held bytes. */
    private static final int MAX_READ_BYTES = 16 * 1024;

    private static final int NANOS_PER_SECOND = 1_000_000_000;

    private final ConnectionGroup group;
    private final ServerLimits limits;
    private @Nullable ChannelHandlerContext context;

    /** Whether a request's head has been received in part. */
    private boolean inHead;

    /** Whether a request's head has been received, but not its end. */
    private boolean inBody;

    /** The time when the current head or body began. */
    private long inputSince;

    /** The bytes received since then. */
    private long received;

    /** Whether a request's head has been received, but its answer has not been written. */
    private boolean unanswered;

    private boolean inAnswer;
    private boolean refused;
    private boolean closing;
    private long idleSince;

    /** Decoded parts of pipelined requests. */
    private final Queue<Object> held = new ArrayDeque<>();

    private int heldRequests;
    private boolean paused;

    /** Whether the current request, or the last one received, is the last of the connection. */
    private boolean lastRequest;

    /** Whether all input is discarded. */
    private boolean discardInput;

    /** Whether Vert.x's output is discarded: this has answered, or the client has disconnected. */
    private boolean discardOutput;

    /** Whether there was unsent output at the last check. */
    private boolean writing;

    private long writingSince;
    private long written;
    private long sentBefore;

    private boolean lingering;
    private long lingeringSince;

    ConnectionGuard(ConnectionGroup group) {
        this.group = group;
        this.limits = group.limits();
    }

    /** Adds the guard to the pipeline of a new connection, after Vert.x has configured it. */
    void install(ChannelPipeline pipeline, String nextHandler) {
        pipeline.channel()
                .config()
                .setRecvByteBufAllocator(
                        new AdaptiveRecvByteBufAllocator(512, 2048, MAX_READ_BYTES));
        pipeline.addFirst(new ByteCounter());
        pipeline.addBefore(nextHandler, "guard", this);
    }

    /** A handler before the codec, which counts the bytes received and written. */
    private final class ByteCounter extends ChannelDuplexHandler {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (discardInput || lingering) {
                ReferenceCountUtil.release(message);
                return;
            }
            if (message instanceof ByteBuf bytes) {
                received(bytes.readableBytes());
            }
            ctx.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (message instanceof ByteBuf bytes) {
                written += bytes.readableBytes();
            }
            ctx.write(message, promise);
        }
    }

    private void received(int bytes) {
        received += bytes;
        if (!inHead && !inBody) {
            inHead = true;
            inputSince = group.now();
            received = bytes;
        } else if (inBody && !unanswered && received > MAX_DISCARDED_BYTES) {
            closeAfterFlush();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        idleSince = group.now();
        group.add(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        group.remove(this);
        discardInput = true;
        discardOutput = true;
        held.forEach(ReferenceCountUtil::release);
        held.clear();
        if (unanswered) {
            requestAnswered();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (discardInput) {
            ReferenceCountUtil.release(message);
        } else if (paused || !held.isEmpty() || (unanswered && !inBody)) {
            hold(message);
        } else {
            accept(message);
        }
    }

    private ChannelHandlerContext context() {
        return Objects.requireNonNull(context, "the guard is not on a connection");
    }

    private void hold(Object message) {
        if (message instanceof HttpRequest && ++heldRequests > MAX_HELD_REQUESTS) {
            ReferenceCountUtil.release(message);
            abort();
            return;
        }
        held.add(message);
        context().channel().config().setAutoRead(false);
    }

    private void acceptHeld() {
        while (!held.isEmpty() && !discardInput && !paused && (inBody || !unanswered)) {
            Object message = held.remove();
            if (message instanceof HttpRequest) {
                heldRequests--;
            }
            accept(message);
        }
        // Vert.x flushes its output only then.
        context().fireChannelReadComplete();
        if (held.isEmpty() && !paused) {
            context().channel().config().setAutoRead(true);
        }
    }

    private void accept(Object message) {
        if (message instanceof HttpRequest request) {
            acceptHead(request);
        } else if (message instanceof HttpContent content) {
            acceptContent(content);
        } else {
            context().fireChannelRead(message);
        }
    }

    private void acceptHead(HttpRequest request) {
        if (!context().channel().isActive()) {
            // The connection was closed within the head.
            ReferenceCountUtil.release(request);
            return;
        }
        boolean isWellFormed = request.decoderResult().isSuccess();
        unanswered = true;
        group.countRequests(1);
        inHead = false;
        inBody = true;
        inputSince = group.now();
        received = 0;
        lastRequest = !isWellFormed || !HttpUtil.isKeepAlive(request);
        context().fireChannelRead(request);
    }

    private void acceptContent(HttpContent content) {
        if (content.decoderResult().isFailure()) {
            content.release();
            if (unanswered && !inAnswer) {
                refuse(HttpResponseStatus.BAD_REQUEST, "the chunked body is not well-formed");
            } else {
                closeAfterFlush();
            }
            return;
        }
        if (content instanceof LastHttpContent) {
            inBody = false;
            discardInput = lastRequest;
            idleSince = group.now();
        }
        context().fireChannelRead(content);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (discardOutput) {
            ReferenceCountUtil.release(message);
            promise.tryFailure(new ClosedChannelException());
            return;
        }
        if (message instanceof HttpResponse response && response.status().code() >= 200) {
            beginAnswer(response);
        }
        ChannelPromise sent = promise;
        if (message instanceof LastHttpContent && inAnswer) {
            inAnswer = false;
            requestAnswered();
            if (closing) {
                discardInput = !inBody;
                sent = promise.unvoid();
                // After a failed write the encoder is in an undefined state.
                sent.addListener(
                        done -> {
                            if (done.isSuccess()) {
                                closeAfterFlush();
                            } else {
                                abort();
                            }
                        });
            } else if (refused && !inBody && !lastRequest) {
                pause(group.pacer().pause(group.now()));
            }
            if (!held.isEmpty()) {
                // Later, since Vert.x does not know yet that this request is answered.
                ctx.channel().eventLoop().execute(this::acceptHeld);
            }
        }
        ctx.write(message, sent);
    }

    private void beginAnswer(HttpResponse response) {
        inAnswer = true;
        refused = response.status().code() == HttpResponseStatus.SERVICE_UNAVAILABLE.code();
        if (group.isDraining() || lastRequest) {
            // The client's next request might come after the server has stopped, or would not be
            // read. Vert.x ignores a "close" that is one of several connection options.
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        closing =
                response.headers()
                        .contains(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
    }

    private void requestAnswered() {
        unanswered = false;
        group.countRequests(-1);
        idleSince = group.now();
    }

    private void pause(long nanos) {
        if (nanos > 0) {
            paused = true;
            context().channel().config().setAutoRead(false);
            context().channel().eventLoop().schedule(this::resume, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void resume() {
        paused = false;
        acceptHeld();
    }

    private void refuse(HttpResponseStatus status, String message) {
        ErrorAnswer error = new ErrorAnswer(status.code(), message);
        DefaultFullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(error.body()));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, HttpAnswers.JSON)
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (error.retryAfterSeconds() > 0) {
            response.headers().set(HttpHeaderNames.RETRY_AFTER, error.retryAfterSeconds());
        }
        if (unanswered) {
            requestAnswered();
        }
        inBody = true;
        discardOutput = true;
        context().writeAndFlush(response).addListener(done -> closeAfterFlush());
    }

    /** Closes the connection if a timeout has passed. */
    void closeIfStalled(long now) {
        if (lingering) {
            if (now - lingeringSince >= limits.lingerTimeout().toNanos()) {
                abort();
            }
        } else if (isWritingStalled(now)) {
            abort();
        } else if (inBody) {
            if (isExpired(limits.bodyTimeout(), inputSince, received, now)) {
                handleBodyTimeout();
            }
        } else if (!unanswered && !paused) {
            if (inHead && isExpired(limits.headTimeout(), inputSince, 0, now)) {
                refuse(HttpResponseStatus.REQUEST_TIMEOUT, "the request did not arrive in time");
            } else if (!inHead && isExpired(limits.idleTimeout(), idleSince, 0, now)) {
                abort();
            }
        }
    }

    private void handleBodyTimeout() {
        if (unanswered && !inAnswer) {
            refuse(HttpResponseStatus.REQUEST_TIMEOUT, "the body did not arrive in time");
        } else {
            abort();
        }
    }

    private boolean isWritingStalled(long now) {
        ChannelOutboundBuffer buffer = context().channel().unsafe().outboundBuffer();
        long pending = buffer == null ? 0 : buffer.totalPendingWriteBytes();
        if (pending == 0) {
            writing = false;
            return false;
        }
        if (!writing) {
            writing = true;
            writingSince = now;
            sentBefore = written - pending;
        }
        return isExpired(limits.writeTimeout(), writingSince, written - pending - sentBefore, now);
    }

    private boolean isExpired(Duration timeout, long since, long bytes, long now) {
        long extraNanos = bytes / limits.minBytesPerSecond() * NANOS_PER_SECOND;
        return now - since >= timeout.toNanos() + extraNanos;
    }

    /** Answers 503 to a request that is still being received. */
    void shutDown() {
        if (inBody && unanswered && !inAnswer) {
            refuse(HttpResponseStatus.SERVICE_UNAVAILABLE, "shutting down");
        }
    }

    boolean isIdle() {
        return !unanswered && !inBody;
    }

    long idleSince() {
        return idleSince;
    }

    /** Closes the connection at once. */
    void abort() {
        discardInput = true;
        context().close();
    }

    private void closeAfterFlush() {
        // An empty write completes after all that was written before.
        context()
                .writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(done -> close(context(), context().newPromise()));
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        boolean isSending = inBody && !unanswered;
        if (!isSending || discardInput || group.isClosing() || !ctx.channel().isActive()) {
            ctx.close(promise);
            return;
        }
        ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
        if (!lingering) {
            linger(ctx.channel());
        }
    }

    private void linger(Channel channel) {
        lingering = true;
        lingeringSince = group.now();
        channel.config().setAutoRead(true);
        if (channel instanceof DuplexChannel socket) {
            socket.shutdownOutput();
        }
    }
}
