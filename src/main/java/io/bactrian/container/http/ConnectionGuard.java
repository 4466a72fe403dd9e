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
 * Watches over one connection, between the HTTP codec and Vert.x: ends it when its client stalls,
 * closes it so that the client gets to read its last answer, and lets one request at a time pass.
 *
 * <p>What it does is decided by what passes through:
 *
 * <ul>
 *   <li>A head, a body or the reading of an answer that takes longer than it may ends the
 *       connection, with 408 if the client waits for an answer.
 *   <li>A request that comes before the one ahead of it is answered is held back, and nothing more
 *       is read meanwhile: Vert.x would read on and keep them all. So is one that follows a 503,
 *       for as long as {@link RefusalPacer} says.
 *   <li>After an answer with {@code Connection: close} the connection is closed. If the client is
 *       still sending, its side of the connection stays open for a while and what comes is thrown
 *       away: to close at once would reset the connection, and take the answer away from the client
 *       before it was read.
 *   <li>What is left of a refused request is thrown away, up to a size beyond which closing the
 *       connection is cheaper.
 *   <li>A chunk that is not well-formed is answered 400.
 * </ul>
 *
 * <p>All is called by the event loop's thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails closes the connection.
final class ConnectionGuard extends ChannelDuplexHandler {

    /** Requests held back that came with one read: more are an attack. */
    private static final int MAX_HELD_REQUESTS = 16;

    /** What is left of a refused request. */
    static final int MAX_DISCARDED_BYTES = 64 * 1024;

    /** Bytes of one read, which are the most that can be held back. */
    private static final int MAX_READ_BYTES = 16 * 1024;

    private static final int NANOS_PER_SECOND = 1_000_000_000;

    private final ConnectionGroup group;
    private final ServerLimits limits;
    private @Nullable ChannelHandlerContext context;

    /** Whether bytes of a request have come and its head is not there yet. */
    private boolean inHead;

    /** Whether a request's head has been received and its end has not. */
    private boolean inBody;

    /** When the head or body began, and how many bytes have come since. */
    private long inputSince;

    private long received;

    /** Whether a request's head has been received and its answer is not written yet. */
    private boolean unanswered;

    private boolean inAnswer;
    private boolean refused;
    private boolean closing;
    private long idleSince;

    /** Decoded parts of the requests to come. */
    private final Queue<Object> held = new ArrayDeque<>();

    private int heldRequests;
    private boolean paused;

    /** Whether the request that is being received, or was received last, is the last one. */
    private boolean lastRequest;

    /** Whether what comes is thrown away. */
    private boolean deaf;

    /** Whether nothing is written any more, since this has answered or the client has gone. */
    private boolean mute;

    private boolean writing;
    private long writingSince;
    private long written;
    private long writtenBefore;

    private boolean lingering;
    private long lingeringSince;

    ConnectionGuard(ConnectionGroup group) {
        this.group = group;
        this.limits = group.limits();
    }

    /** Puts the guard on a connection that Vert.x has just prepared. */
    void install(ChannelPipeline pipeline, String nextHandler) {
        pipeline.channel()
                .config()
                .setRecvByteBufAllocator(
                        new AdaptiveRecvByteBufAllocator(512, 2048, MAX_READ_BYTES));
        pipeline.addFirst(new ByteCounter());
        pipeline.addBefore(nextHandler, "guard", this);
    }

    /** The first to see what comes and the last to see what goes, before and after the codec. */
    private final class ByteCounter extends ChannelDuplexHandler {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (deaf || lingering) {
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
            closeGently();
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
        deaf = true;
        mute = true;
        held.forEach(ReferenceCountUtil::release);
        held.clear();
        if (unanswered) {
            answered();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (deaf) {
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
        while (!held.isEmpty() && !deaf && !paused && (inBody || !unanswered)) {
            Object message = held.remove();
            if (message instanceof HttpRequest) {
                heldRequests--;
            }
            accept(message);
        }
        // Vert.x keeps what it has written till then.
        context().fireChannelReadComplete();
        if (held.isEmpty() && !paused) {
            context().channel().config().setAutoRead(true);
        }
    }

    private void accept(Object message) {
        if (message instanceof HttpRequest request) {
            head(request);
        } else if (message instanceof HttpContent content) {
            content(content);
        } else {
            context().fireChannelRead(message);
        }
    }

    private void head(HttpRequest request) {
        if (!context().channel().isActive()) {
            // Cut off in its head.
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

    private void content(HttpContent content) {
        if (content.decoderResult().isFailure()) {
            content.release();
            if (unanswered && !inAnswer) {
                refuse(HttpResponseStatus.BAD_REQUEST, "the chunked body is not well-formed");
            } else {
                closeGently();
            }
            return;
        }
        if (content instanceof LastHttpContent) {
            inBody = false;
            deaf = lastRequest;
            idleSince = group.now();
        }
        context().fireChannelRead(content);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (mute) {
            ReferenceCountUtil.release(message);
            promise.tryFailure(new ClosedChannelException());
            return;
        }
        if (message instanceof HttpResponse response && response.status().code() >= 200) {
            begin(response);
        }
        ChannelPromise sent = promise;
        if (message instanceof LastHttpContent && inAnswer) {
            inAnswer = false;
            answered();
            if (closing) {
                deaf = !inBody;
                sent = promise.unvoid();
                // If it can't be written, nothing else can be, and the encoder is not done with it.
                sent.addListener(
                        done -> {
                            if (done.isSuccess()) {
                                closeGently();
                            } else {
                                abort();
                            }
                        });
            } else if (refused && !inBody && !lastRequest) {
                pause(group.pacer().pause(group.now()));
            }
            if (!held.isEmpty()) {
                // Not at once: Vert.x has not noted yet that this request is answered.
                ctx.channel().eventLoop().execute(this::acceptHeld);
            }
        }
        ctx.write(message, sent);
    }

    private void begin(HttpResponse response) {
        inAnswer = true;
        refused = response.status().code() == HttpResponseStatus.SERVICE_UNAVAILABLE.code();
        if (group.isDraining() || lastRequest) {
            // What the client would send on this connection might come when the server is gone, or
            // is not read: Vert.x overlooks a "close" that is one of several options.
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        closing =
                response.headers()
                        .contains(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
    }

    private void answered() {
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
            answered();
        }
        inBody = true;
        mute = true;
        context().writeAndFlush(response).addListener(done -> closeGently());
    }

    /** Ends a connection whose client has taken longer than it may. */
    void endIfStalled(long now) {
        if (lingering) {
            if (now - lingeringSince >= limits.lingerTimeout().toNanos()) {
                abort();
            }
        } else if (isWritingStalled(now)) {
            abort();
        } else if (inBody) {
            if (isOver(limits.bodyTimeout(), inputSince, received, now)) {
                bodyIsLate();
            }
        } else if (!unanswered && !paused) {
            if (inHead && isOver(limits.headTimeout(), inputSince, 0, now)) {
                refuse(HttpResponseStatus.REQUEST_TIMEOUT, "the request did not arrive in time");
            } else if (!inHead && isOver(limits.idleTimeout(), idleSince, 0, now)) {
                abort();
            }
        }
    }

    private void bodyIsLate() {
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
            writtenBefore = written - pending;
        }
        return isOver(limits.writeTimeout(), writingSince, written - pending - writtenBefore, now);
    }

    private boolean isOver(Duration timeout, long since, long bytes, long now) {
        long earned = bytes / limits.minBytesPerSecond() * NANOS_PER_SECOND;
        return now - since >= timeout.toNanos() + earned;
    }

    /** Refuses what is being received, since the process ends. */
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
        deaf = true;
        context().close();
    }

    private void closeGently() {
        // What has been written may not have been sent yet.
        context()
                .writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(done -> close(context(), context().newPromise()));
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        boolean isSending = inBody && !unanswered;
        if (!isSending || deaf || group.isClosing() || !ctx.channel().isActive()) {
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
