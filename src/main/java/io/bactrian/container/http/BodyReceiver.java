package io.bactrian.container.http;

import io.bactrian.invocation.BodyTooLargeException;
import io.bactrian.limit.MemoryBudget;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Receives the body of one request, and inflates it if it is compressed. It ends with the whole
 * body, whose memory stays reserved, or with a failure, or silently when the client goes away. All
 * is called by the event loop's thread.
 */
final class BodyReceiver {

    private final HttpServerRequest request;
    private final long maxBytes;
    private final MemoryBudget.Reservation memory;
    private final BodyBuffer body;
    private final @Nullable BodyInflater inflater;
    private final BiConsumer<byte[], MemoryBudget.Reservation> received;
    private final Consumer<Throwable> failed;
    private long bytesSent;

    private BodyReceiver(
            HttpServerRequest request,
            ContentEncoding encoding,
            long maxBytes,
            MemoryBudget budget,
            BiConsumer<byte[], MemoryBudget.Reservation> received,
            Consumer<Throwable> failed) {
        this.request = request;
        this.maxBytes = maxBytes;
        this.memory = budget.open();
        boolean isPlain = encoding == ContentEncoding.IDENTITY;
        this.body =
                new BodyBuffer(
                        maxBytes,
                        isPlain ? RequestHead.contentLength(request) : -1,
                        budget,
                        memory);
        this.inflater = isPlain ? null : new BodyInflater(encoding, body);
        this.received = received;
        this.failed = failed;
    }

    /**
     * Begins to receive.
     *
     * @param maxBytes the largest body taken, compressed or not
     * @param received called with the whole body and its memory, which is to be closed
     * @param failed called if the body can't be taken; what is left of it is not read by this
     */
    static void receive(
            HttpServerRequest request,
            ContentEncoding encoding,
            long maxBytes,
            MemoryBudget budget,
            BiConsumer<byte[], MemoryBudget.Reservation> received,
            Consumer<Throwable> failed) {
        BodyReceiver receiver =
                new BodyReceiver(request, encoding, maxBytes, budget, received, failed);
        request.handler(receiver::chunk)
                .endHandler(end -> receiver.end())
                .exceptionHandler(gone -> receiver.stop());
    }

    private void chunk(Buffer chunk) {
        bytesSent += chunk.length();
        try {
            if (inflater == null) {
                body.append(chunk);
            } else if (bytesSent > maxBytes) {
                throw new BodyTooLargeException(maxBytes);
            } else {
                inflater.inflate(chunk.getBytes());
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            fail(e);
        }
    }

    private void end() {
        try {
            if (inflater != null) {
                inflater.finish();
                inflater.close();
            }
            byte[] bytes = body.toByteArray();
            request.exceptionHandler(null);
            received.accept(bytes, memory);
        } catch (RuntimeException | OutOfMemoryError e) {
            fail(e);
        }
    }

    private void fail(Throwable failure) {
        stop();
        failed.accept(failure);
    }

    /** Vert.x may have more to hand over, even if the connection is closed. */
    private void stop() {
        request.handler(null).endHandler(null).exceptionHandler(null);
        if (inflater != null) {
            inflater.close();
        }
        memory.close();
    }
}
