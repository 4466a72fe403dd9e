package io.bactrian.container.http;

import io.bactrian.invocation.Answer;
import io.bactrian.limit.MemoryBudget;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/**
 * Writes one answer as fast as its client reads. Of a large answer only a slice at a time is handed
 * to Netty, which copies what it is handed to direct memory. All but the constructor is called by
 * the event loop's thread.
 */
final class AnswerWriter {

    static final int SLICE_BYTES = 64 * 1024;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Answer answer;
    private final MemoryBudget.Reservation memory;
    private final int length;
    private int written;

    /** Reserves the memory that a large answer takes until it is written. */
    AnswerWriter(HttpServerRequest request, Answer answer, MemoryBudget budget) {
        this.request = request;
        this.response = request.response();
        this.answer = answer;
        this.length = answer.body() == null ? 0 : answer.body().length;
        this.memory = budget.charge(length > SLICE_BYTES ? length : 0);
    }

    /**
     * Writes the answer; if that fails, for lack of memory say, closes the connection, so that the
     * client does not wait.
     */
    void write() {
        orClose(this::begin);
    }

    private void orClose(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | OutOfMemoryError e) {
            memory.close();
            request.connection().close();
            throw e;
        }
    }

    /** Writes the answer, unless the request has been answered before or its client is gone. */
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
                .closeHandler(gone -> memory.close())
                .drainHandler(drained -> orClose(this::writeSlices));
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
