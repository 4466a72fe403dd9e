package io.bactrian.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.testing.Interleavings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * The run queue in all interleavings of a few threads' steps. {@code -Dpreemptions=2} explores
 * about ten times as many.
 */
class RunQueueInterleavingsTest {

    private static final int PREEMPTIONS = Integer.getInteger("preemptions", 1);

    /** The possible results of a call. */
    private enum End {
        ANSWERED,
        REFUSED,
        EXPIRED,
        INTERRUPTED,
        CLOSED
    }

    /** A call and its results. */
    private static final class Probe extends RunQueue.Call<Probe> {

        final AtomicInteger answers = new AtomicInteger();
        End end;

        Probe(Object key, Deadline deadline) {
            super(key, 1, deadline);
        }
    }

    /** The scheduler's loop, with counters for a model. */
    private static final class Model {

        final RunQueue<Probe> queue;
        final int slots;
        final boolean batchesFail;
        final Interleavings order;
        final AtomicInteger running = new AtomicInteger();
        final List<Probe> calls = new ArrayList<>();

        Model(Interleavings order, int slots, int capacity, long delay, boolean batchesFail) {
            this.order = order;
            this.slots = slots;
            this.batchesFail = batchesFail;
            queue =
                    new RunQueue<>(
                            "m",
                            slots,
                            capacity,
                            2,
                            delay,
                            order.lock(),
                            parker(order),
                            order::now);
        }

        End predict(Object key, Deadline deadline) {
            Probe call = new Probe(key, deadline);
            calls.add(call);
            call.end = end(call);
            return call.end;
        }

        private End end(Probe call) {
            try {
                queue.enqueue(call);
                inTurn(call);
                return End.ANSWERED;
            } catch (OverloadedException e) {
                return End.REFUSED;
            } catch (DeadlineExceededException e) {
                return End.EXPIRED;
            } catch (PredictionInterruptedException e) {
                assertTrue(Thread.currentThread().isInterrupted());
                return End.INTERRUPTED;
            } catch (ModelClosedException e) {
                return End.CLOSED;
            }
        }

        private void inTurn(Probe call) {
            while (true) {
                List<Probe> batch = queue.await(call);
                if (batch == null) {
                    return;
                }
                assertTrue(batch.size() <= 2, "rows in a batch");
                run();
                queue.finish(1);
                if (batch.size() > 1 && batchesFail) {
                    queue.requeue(batch);
                    continue;
                }
                batch.forEach(member -> member.answers.incrementAndGet());
                batch.subList(1, batch.size()).forEach(queue::settle);
                return;
            }
        }

        private void run() {
            assertTrue(running.incrementAndGet() <= slots, "runs at the same time");
            order.step();
            running.decrementAndGet();
        }

        /** A call while the model is idle, which does not enter the queue. */
        void predictIdle() {
            if (queue.tryStart()) {
                run();
                queue.finish(1);
            } else {
                predict("k", Deadline.none());
            }
        }

        void assertIdle() {
            RunQueue.Counts counts = queue.counts();
            assertEquals(0, counts.running(), "slots taken");
            assertEquals(0, counts.waiting(), "calls waiting");
            for (Probe call : calls) {
                // Nobody reads the inputs of a call that has left.
                assertEquals(call.end == End.ANSWERED ? 1 : 0, call.answers.get(), "answers");
            }
        }
    }

    private static RunQueue.Parker parker(Interleavings order) {
        return new RunQueue.Parker() {
            @Override
            public void park(Object blocker, long nanos) {
                order.park(nanos);
            }

            @Override
            public void unpark(Thread thread) {
                order.unpark(thread);
            }
        };
    }

    private static Interleavings.Scenario scenario(Model model, Runnable... threads) {
        return new Interleavings.Scenario() {
            @Override
            public List<Runnable> threads() {
                return List.of(threads);
            }

            @Override
            public void check() {
                model.assertIdle();
            }
        };
    }

    private static void explore(Function<Interleavings, Interleavings.Scenario> scenario) {
        int orders = Interleavings.explore(PREEMPTIONS, scenario);
        assertTrue(orders > 10, orders + " orders");
    }

    private static void answered(End end) {
        assertEquals(End.ANSWERED, end);
    }

    @Test
    void everyCallCompletesOnceThroughOneSlot() {
        explore(
                order -> {
                    Model model = new Model(order, 1, 8, 0, false);
                    Runnable call = () -> answered(model.predict("k", Deadline.none()));
                    return scenario(model, model::predictIdle, call, call);
                });
    }

    @Test
    void concurrentRunsNeverExceedSlots() {
        explore(
                order -> {
                    Model model = new Model(order, 2, 8, 0, false);
                    Runnable call = () -> answered(model.predict(null, Deadline.none()));
                    return scenario(model, model::predictIdle, call, call, call);
                });
    }

    @Test
    void callsOfAFailedBatchRunAlone() {
        explore(
                order -> {
                    Model model = new Model(order, 1, 8, 0, true);
                    Runnable call = () -> answered(model.predict("k", Deadline.none()));
                    return scenario(model, call, call, call);
                });
    }

    @Test
    void callsOfAFailedBatchRunConcurrently() {
        explore(
                order -> {
                    // The delay makes the two a batch although two slots are free.
                    Model model = new Model(order, 2, 8, 1_000_000, true);
                    Runnable call = () -> answered(model.predict("k", Deadline.none()));
                    return scenario(model, call, call);
                });
    }

    @Test
    void fullQueueRejectsCalls() {
        explore(
                order -> {
                    Model model = new Model(order, 1, 1, 0, false);
                    Runnable call = () -> model.predict(null, Deadline.none());
                    return scenario(model, call, call, call);
                });
    }

    @Test
    void expiredCallGivesUpItsPlaceAndSlot() {
        explore(
                order -> {
                    Model model = new Model(order, 1, 8, 0, true);
                    Runnable call = () -> answered(model.predict("k", Deadline.none()));
                    return scenario(model, call, () -> model.predict("k", Deadline.at(5)), call);
                });
    }

    @Test
    void interruptedCallLeavesOrCompletes() {
        explore(
                order -> {
                    Model model = new Model(order, 1, 8, 0, true);
                    Runnable call = () -> answered(model.predict("k", Deadline.none()));
                    return scenario(
                            model,
                            call,
                            () -> model.predict("k", Deadline.none()),
                            () -> {
                                order.interrupt(1);
                                answered(model.predict("k", Deadline.none()));
                            });
                });
    }

    @Test
    void interruptedCallStaysInItsBatch() {
        explore(
                order -> {
                    Model model = new Model(order, 1, 8, 0, false);
                    assertTrue(model.queue.tryStart());
                    return scenario(
                            model,
                            () -> answered(model.predict("k", Deadline.none())),
                            () -> model.predict("k", Deadline.none()),
                            () -> {
                                order.interrupt(1);
                                model.queue.finish(1);
                            });
                });
    }

    @Test
    void closeEndsEveryWaitAndAwaitsRuns() {
        explore(
                order -> {
                    Model model = new Model(order, 1, 8, 0, true);
                    Runnable call = () -> model.predict("k", Deadline.none());
                    return scenario(
                            model,
                            call,
                            call,
                            () -> {
                                assertEquals(0, model.queue.close(Deadline.none()));
                                assertEquals(0, model.running.get());
                                assertEquals(End.CLOSED, model.predict("k", Deadline.none()));
                            });
                });
    }

    @Test
    void closeDoesNotAwaitAnEndlessRun() {
        explore(
                order -> {
                    Model model = new Model(order, 1, 8, 0, false);
                    assertTrue(model.queue.tryStart());
                    Runnable close = () -> assertEquals(1, model.queue.close(Deadline.at(5)));
                    List<Runnable> threads =
                            List.of(() -> model.predict("k", Deadline.none()), close, close);
                    return new Interleavings.Scenario() {
                        @Override
                        public List<Runnable> threads() {
                            return threads;
                        }

                        @Override
                        public void check() {
                            assertEquals(End.CLOSED, model.calls.get(0).end);
                            model.queue.finish(1);
                            model.assertIdle();
                        }
                    };
                });
    }

    @Test
    void delayEndsByTimeOrWithAFullBatch() {
        explore(
                order -> {
                    Model model = new Model(order, 1, 8, 10, false);
                    Runnable call = () -> answered(model.predict("k", Deadline.none()));
                    return scenario(model, call, () -> model.predict("k", Deadline.at(5)), call);
                });
    }
}
