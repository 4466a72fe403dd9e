package io.bactrian.container;

import io.bactrian.limit.DeadlineExceededException;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Lets only so many requests at a time through to the workers, in the order in which their bodies
 * were there. The others wait here, where they hold no thread and no worker comes upon them too
 * late, until one is answered.
 *
 * <p>A request whose deadline passes here is answered 504, and one whose client goes away is
 * forgotten; neither is run. A client that goes away later leaves its request with the workers, so
 * that one keeps its place until its pipeline has ended.
 *
 * <p>Everything happens on the server's one event loop, so there are no locks: Vert.x calls the
 * handlers of a request and its answer there, and Camel writes answers from there.
 */
final class Turnstile implements Handler<RoutingContext> {

    /**
     * The request header that tells the workers until when the prediction must begin, a value of
     * {@link System#nanoTime()}. What a client sends under this name is overwritten.
     */
    static final String DEADLINE = "bactrian-deadline";

    /** A request that waits. */
    private static final class Turn {

        final RoutingContext context;
        final Context vertxContext;
        final long deadline;
        boolean gone;

        Turn(RoutingContext context, long deadline) {
            this.context = context;
            this.vertxContext = context.vertx().getOrCreateContext();
            this.deadline = deadline;
        }

        long nanosLeft() {
            return deadline - System.nanoTime();
        }
    }

    private final long timeoutNanos;
    private final Set<Turn> queue = new LinkedHashSet<>();
    private boolean timerSet;

    // Written by one thread only, and read by others.
    private volatile int places;
    private volatile int taken;
    private volatile int waiting;

    /**
     * @param timeout how long after its body is there a request's prediction may begin
     */
    Turnstile(Duration timeout) {
        this.timeoutNanos = timeout.toNanos();
    }

    /**
     * To be called before requests come.
     *
     * @param places how many requests are let through at a time
     */
    void open(int places) {
        this.places = places;
    }

    /**
     * @return requests that were let through and are not done
     */
    int taken() {
        return taken;
    }

    /**
     * @return requests that wait here
     */
    int waiting() {
        return waiting;
    }

    @Override
    public void handle(RoutingContext context) {
        long deadline = System.nanoTime() + timeoutNanos;
        context.request().headers().set(DEADLINE, Long.toString(deadline));
        if (taken < places) {
            taken++;
            letThrough(context);
            return;
        }
        Turn turn = new Turn(context, deadline);
        context.addEndHandler(
                ended -> {
                    turn.gone = true;
                    remove(turn);
                });
        queue.add(turn);
        waiting = queue.size();
        setTimer(turn);
    }

    private void letThrough(RoutingContext context) {
        // Called once, when the answer is written, even if there is nobody any more to read it.
        context.addBodyEndHandler(answered -> leave());
        context.next();
    }

    private void leave() {
        taken--;
        while (taken < places && !queue.isEmpty()) {
            Turn turn = first();
            if (turn.nanosLeft() <= 0) {
                refuse(turn);
            } else {
                remove(turn);
                taken++;
                // Not at once: it could be answered at once, and then call the next, and so on.
                turn.vertxContext.runOnContext(called -> begin(turn));
            }
        }
    }

    private void begin(Turn turn) {
        if (turn.gone) {
            leave();
        } else {
            letThrough(turn.context);
        }
    }

    private Turn first() {
        return queue.iterator().next();
    }

    private void remove(Turn turn) {
        queue.remove(turn);
        waiting = queue.size();
    }

    private void refuse(Turn turn) {
        remove(turn);
        HttpAnswers.error(turn.context.response(), ErrorAnswer.of(late()));
    }

    /**
     * @return what a request gets whose deadline passed before a worker took it
     */
    static DeadlineExceededException late() {
        return new DeadlineExceededException("the request's time was up before a worker was free");
    }

    /** One timer is enough: all have the same time, so the first in the queue is the first late. */
    private void setTimer(Turn turn) {
        if (!timerSet) {
            timerSet = true;
            long millis = TimeUnit.NANOSECONDS.toMillis(turn.nanosLeft()) + 1;
            turn.context.vertx().setTimer(Math.max(1, millis), fired -> refuseLate());
        }
    }

    private void refuseLate() {
        timerSet = false;
        while (!queue.isEmpty()) {
            Turn turn = first();
            if (turn.nanosLeft() > 0) {
                setTimer(turn);
                return;
            }
            refuse(turn);
        }
    }
}
