package io.bactrian.container;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.limit.OverloadedException;
import io.bactrian.pipeline.PipelineConstants;
import io.bactrian.pipeline.PipelineConsumer;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import org.apache.camel.Exchange;

/**
 * A request to a pipeline, from when its body is there until its answer is written. It holds the
 * body's memory until the pipeline is done with it, be the client there or not.
 */
final class Invocation extends DispatchQueue.Task {

    private final HttpServerRequest request;
    private final PipelineConsumer pipeline;
    private final PipelineCall call;
    private final MemoryBudget budget;
    private final MemoryBudget.Reservation memory;
    private final Context eventLoop = Vertx.currentContext();
    private byte[] body;

    /**
     * @param memory the body's, which this closes
     * @param deadline a value of {@link System#nanoTime()}
     */
    Invocation(
            HttpServerRequest request,
            PipelineConsumer pipeline,
            PipelineCall call,
            byte[] body,
            MemoryBudget budget,
            MemoryBudget.Reservation memory,
            long deadline) {
        super(deadline);
        this.request = request;
        this.pipeline = pipeline;
        this.call = call;
        this.body = body;
        this.budget = budget;
        this.memory = memory;
    }

    /** Queues the request, on the event loop. */
    void dispatch(DispatchQueue queue) {
        request.response()
                .closeHandler(
                        gone -> {
                            if (queue.cancel(this)) {
                                memory.close();
                            }
                        });
        queue.offer(this);
    }

    @Override
    void run() {
        Answer answer;
        try {
            answer =
                    budget.isExceeded()
                            ? Answer.of(
                                    ErrorAnswer.of(
                                            new OverloadedException("not enough memory now", 1)))
                            : process();
        } catch (Throwable e) {
            answer = Answer.of(ErrorAnswer.of(e));
        } finally {
            body = null;
            memory.close();
        }
        send(answer);
    }

    private Answer process() throws Exception {
        Exchange exchange = pipeline.createExchange(false);
        pipeline.createUoW(exchange);
        try {
            exchange.setProperty(PipelineConstants.DEADLINE, Deadline.at(deadline()));
            call.prepare(exchange, request.headers(), body);
            pipeline.getProcessor().process(exchange);
            Exception failure = exchange.getException();
            return failure != null ? Answer.of(ErrorAnswer.of(failure)) : call.answer(exchange);
        } finally {
            pipeline.doneUoW(exchange);
            pipeline.releaseExchange(exchange, false);
        }
    }

    @Override
    void reject(RuntimeException reason) {
        body = null;
        memory.close();
        send(Answer.of(ErrorAnswer.of(reason)));
    }

    @Override
    void abandon() {
        send(Answer.of(ErrorAnswer.of(DispatchQueue.shuttingDown())));
    }

    private void send(Answer answer) {
        AnswerWriter writer = new AnswerWriter(request.response(), answer, budget);
        if (Vertx.currentContext() == eventLoop) {
            writer.write();
        } else {
            eventLoop.runOnContext(now -> writer.write());
        }
    }
}
