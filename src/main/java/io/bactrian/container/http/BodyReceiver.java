package io.bactrian.container.http;

import io.bactrian.invocation.BodyTooLargeException;
import io.bactrian.limit.MemoryBudget;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Receives the body of one request, and inflates it if it is compressed. It reports the whole body,
 * whose memory remains reserved, or a failure; or nothing if the client disconnects. All methods
 * are called on the event loop.
 */
final class BodyReceiver {

    private final HttpServerRequest request;
    private final long maxBytes;
    private final MemoryBudget.Reservation memory;
    private final BodyBuffer body;
    private final @Nullable BodyInflater inflater;
    private final BiConsumer<byte[], MemoryBudget.Reservation> received;
    private final Consumer<Throwable> failed;
    private long receivedBytes;

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
     * Starts to receive a body.
     *
     * @param maxBytes the maximum size of the body, both compressed and decompressed
     * @param received called with the whole body and its memory reservation, which the callback
     *     must close
     * @param failed called if the body is refused; the rest of it is not read
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
                .exceptionHandler(disconnected -> receiver.stop());
    }

    private void chunk(Buffer chunk) {
        receivedBytes += chunk.length();
        try {
            if (inflater == null) {
                body.append(chunk);
            } else if (receivedBytes > maxBytes) {
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

    /** Ignores further events, which Vert.x may deliver even after the connection is closed. */
    private void stop() {
        request.handler(null).endHandler(null).exceptionHandler(null);
        if (inflater != null) {
            inflater.close();
        }
        memory.close();
    }
}
