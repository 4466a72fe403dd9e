package io.bactrian.container.http;

import io.bactrian.invocation.Answer;
import io.bactrian.limit.MemoryBudget;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/**
 * Writes one answer at the speed at which the client reads it. A large answer is passed to Netty in
 * slices, since Netty copies what it gets to direct memory. All methods but the constructor are
 * called on the event loop.
 */
final class AnswerWriter {

    static final int SLICE_BYTES = 64 * 1024;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Answer answer;
    private final MemoryBudget.Reservation memory;
    private final int length;
    private int written;

    /** Creates a writer, and reserves the memory of a large answer until it is written. */
    AnswerWriter(HttpServerRequest request, Answer answer, MemoryBudget budget) {
        this.request = request;
        this.response = request.response();
        this.answer = answer;
        this.length = answer.body() == null ? 0 : answer.body().length;
        this.memory = budget.charge(length > SLICE_BYTES ? length : 0);
    }

    /**
     * Writes the answer. If that fails, for example for lack of memory, the connection is closed,
     * so that the client does not wait.
     */
    void write() {
        closeOnFailure(this::begin);
    }

    private void closeOnFailure(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | OutOfMemoryError e) {
            memory.close();
            request.connection().close();
            throw e;
        }
    }

    /** Writes the answer unless the request has been answered or the client has disconnected. */
    private void begin() {
        if (response.headWritten() || response.closed()) {
            memory.close();
            return;
        }
        response.setStatusCode(answer.status());
        answer.headers().forEach(response::putHeader);
        if (answer.body() == null) {
            response.end();
            return;
        }
        if (length <= SLICE_BYTES) {
            response.end(Buffer.buffer(answer.body()));
            return;
        }
        response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(length))
                .closeHandler(closed -> memory.close())
                .drainHandler(ready -> closeOnFailure(this::writeSlices));
        writeSlices();
    }

    private void writeSlices() {
        while (written < length && !response.closed() && !response.writeQueueFull()) {
            int size = Math.min(SLICE_BYTES, length - written);
            Buffer slice = Buffer.buffer(size).appendBytes(answer.body(), written, size);
            written += size;
            if (written < length) {
                response.write(slice);
            } else {
                response.drainHandler(null);
                response.end(slice).onComplete(sent -> memory.close());
            }
        }
    }
}
