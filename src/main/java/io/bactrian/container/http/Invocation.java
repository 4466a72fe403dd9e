package io.bactrian.container.http;

import io.bactrian.invocation.Answer;
import io.bactrian.invocation.ErrorAnswers;
import io.bactrian.invocation.ReceivedRequest;
import io.bactrian.limit.Deadline;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.limit.OverloadedException;
import io.bactrian.pipeline.ExchangeDeadline;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * A request whose body has been received, until its answer is written. It holds the reservation of
 * the body's memory until the request has been worked on, even if the client disconnects.
 */
final class Invocation extends DispatchQueue.Task {

    private final HttpServerRequest request;
    private final InvocationEngine.Consumer route;
    private final ErrorAnswers errors;
    private final MemoryBudget budget;
    private final MemoryBudget.Reservation memory;
    private final Context eventLoop = Vertx.currentContext();
    private @Nullable ReceivedRequest call;

    /**
     * Creates an invocation; called on the event loop.
     *
     * @param route the consumer of the route that processes the request
     * @param call the body of the route's exchange
     * @param errors makes the answer to a failure
     * @param budget the memory budget, for the answer
     * @param memory the reservation of the request's body, which the invocation closes
     * @param deadline the latest start of processing, a value of {@link System#nanoTime()}
     */
    Invocation(
            HttpServerRequest request,
            InvocationEngine.Consumer route,
            ReceivedRequest call,
            ErrorAnswers errors,
            MemoryBudget budget,
            MemoryBudget.Reservation memory,
            long deadline) {
        super(deadline);
        this.request = request;
        this.route = route;
        this.call = call;
        this.errors = errors;
        this.budget = budget;
        this.memory = memory;
    }

    /** Adds the request to a queue; called on the event loop. */
    void dispatch(DispatchQueue queue) {
        request.response()
                .closeHandler(
                        disconnected -> {
                            if (queue.cancel(this)) {
                                memory.close();
                            }
                        });
        queue.offer(this);
    }

    @Override
    void run() {
        try {
            send(answer());
        } catch (Throwable e) {
            closeConnection();
            throw e;
        }
    }

    private Answer answer() {
        try {
            return budget.isExceeded()
                    ? Answer.of(errors.of(new OverloadedException("not enough memory now", 1)))
                    : process();
        } catch (Throwable e) {
            return Answer.of(errors.of(e));
        } finally {
            call = null;
            memory.close();
        }
    }

    private Answer process() throws Exception {
        Exchange exchange = route.createExchange(false);
        route.createUoW(exchange);
        Deadline deadline = Deadline.at(deadline());
        try {
            ExchangeDeadline.set(exchange, deadline);
            exchange.getMessage().setBody(call);
            route.getProcessor().process(exchange);
            Exception failure = exchange.getException();
            return failure != null
                    ? Answer.of(errors.of(failure))
                    : exchange.getMessage().getBody(Answer.class);
        } finally {
            deadline.end();
            route.doneUoW(exchange);
            route.releaseExchange(exchange, false);
        }
    }

    @Override
    void reject(RuntimeException reason) {
        call = null;
        memory.close();
        try {
            send(Answer.of(errors.of(reason)));
        } catch (Throwable e) {
            closeConnection();
            throw e;
        }
    }

    @Override
    void abandon() {
        send(Answer.of(errors.of(DispatchQueue.shuttingDown())));
    }

    private void send(Answer answer) {
        AnswerWriter writer = new AnswerWriter(request, answer, budget);
        if (Vertx.currentContext() == eventLoop) {
            writer.write();
        } else {
            eventLoop.runOnContext(now -> writer.write());
        }
    }

    /** Closes the connection after a failure, since the client would wait forever for an answer. */
    private void closeConnection() {
        request.connection().close();
    }
}
