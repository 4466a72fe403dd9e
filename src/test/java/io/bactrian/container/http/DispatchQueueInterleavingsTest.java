package io.bactrian.container.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.testing.Interleavings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * What becomes of requests in every order of a few threads' steps: each has exactly one end, and
 * none is left behind. {@code -Dpreemptions=4} tries many times as many.
 */
class DispatchQueueInterleavingsTest {

    private static final int PREEMPTIONS = Integer.getInteger("preemptions", 2);

    private enum End {
        RUN,
        CANCELLED,
        FULL,
        LATE
    }

    /** Requests, the queue and the threads of its workers. */
    private static final class Server {

        final Interleavings order;
        final DispatchQueue queue;
        final int maxWorkers;
        final List<Request> requests = new ArrayList<>();
        final Queue<Runnable> workers = new ArrayDeque<>();
        int running;

        Server(Interleavings order, int maxInFlight, int maxWorkers) {
            this.order = order;
            this.maxWorkers = maxWorkers;
            this.queue =
                    new DispatchQueue(
                            maxInFlight, maxWorkers, workers::add, order.lock(), System::nanoTime);
        }

        Request request() {
            return request(System.nanoTime() + 3_600_000_000_000L);
        }

        Request request(long deadline) {
            Request request = new Request(this, deadline);
            requests.add(request);
            return request;
        }

        /** A thread of the pool: takes the workers that were started. */
        Runnable thread() {
            return () -> {
                for (int i = 0; i < 2; i++) {
                    order.step();
                    Runnable worker = workers.poll();
                    if (worker != null) {
                        worker.run();
                    }
                }
            };
        }

        /** The pool would have had a thread for each. */
        void runTheRest() {
            for (Runnable worker = workers.poll(); worker != null; worker = workers.poll()) {
                worker.run();
            }
        }
    }

    private static final class Request extends DispatchQueue.Task {

        final Server server;
        final Set<End> ends = EnumSet.noneOf(End.class);
        boolean abandoned;

        Request(Server server, long deadline) {
            super(deadline);
            this.server = server;
        }

        void end(End end) {
            assertTrue(ends.isEmpty(), () -> "ended twice: " + ends + " and " + end);
            ends.add(end);
        }

        @Override
        void run() {
            server.running++;
            assertTrue(server.running <= server.maxWorkers, "too many at once");
            server.order.step();
            server.running--;
            end(End.RUN);
        }

        @Override
        void reject(RuntimeException reason) {
            end(reason instanceof DeadlineExceededException ? End.LATE : End.FULL);
            assertTrue(
                    reason instanceof DeadlineExceededException
                            || reason instanceof OverloadedException);
        }

        @Override
        void abandon() {
            abandoned = true;
        }

        void cancel() {
            if (server.queue.cancel(this)) {
                end(End.CANCELLED);
            }
        }
    }

    /**
     * @param scenario the threads, and at last what must be true of the requests
     */
    private static void explore(Function<Interleavings, Interleavings.Scenario> scenario) {
        int orders = Interleavings.explore(PREEMPTIONS, scenario);
        assertTrue(orders > 10, () -> "only " + orders + " orders");
    }

    private static Interleavings.Scenario scenario(
            Server server, List<Runnable> threads, Runnable check) {
        return new Interleavings.Scenario() {
            @Override
            public List<Runnable> threads() {
                return threads;
            }

            @Override
            public void check() {
                server.runTheRest();
                for (Request request : server.requests) {
                    assertEquals(1, request.ends.size(), "a request was forgotten");
                }
                assertEquals(0, server.queue.waiting());
                assertEquals(0, server.queue.running());
                check.run();
            }
        };
    }

    @Test
    void nothingIsLeftBehindWhileTheLastWorkerEnds() {
        explore(
                order -> {
                    Server server = new Server(order, 10, 1);
                    Request a = server.request();
                    Request b = server.request();
                    return scenario(
                            server,
                            List.of(
                                    () -> server.queue.offer(a),
                                    () -> server.queue.offer(b),
                                    server.thread(),
                                    server.thread()),
                            () -> {
                                assertTrue(a.ends.contains(End.RUN));
                                assertTrue(b.ends.contains(End.RUN));
                            });
                });
    }

    @Test
    void severalEventLoopsAndWorkers() {
        explore(
                order -> {
                    Server server = new Server(order, 10, 2);
                    Request a = server.request();
                    Request b = server.request();
                    Request c = server.request();
                    return scenario(
                            server,
                            List.of(
                                    () -> {
                                        server.queue.offer(a);
                                        server.queue.offer(b);
                                    },
                                    () -> server.queue.offer(c),
                                    server.thread(),
                                    server.thread()),
                            () -> assertEquals(Set.of(End.RUN), b.ends));
                });
    }

    @Test
    void aClientGoesAway() {
        explore(
                order -> {
                    Server server = new Server(order, 10, 1);
                    Request gone = server.request();
                    Request other = server.request();
                    return scenario(
                            server,
                            List.of(
                                    () -> {
                                        server.queue.offer(gone);
                                        server.queue.offer(other);
                                    },
                                    () -> {
                                        // What was not offered yet is not there to be cancelled.
                                        gone.cancel();
                                        gone.cancel();
                                    },
                                    server.thread()),
                            () -> assertEquals(Set.of(End.RUN), other.ends));
                });
    }

    @Test
    void aPlaceIsFreeAgainWhoeverFreesIt() {
        explore(
                order -> {
                    Server server = new Server(order, 1, 1);
                    Request a = server.request();
                    Request b = server.request();
                    return scenario(
                            server,
                            List.of(
                                    () -> server.queue.offer(a),
                                    () -> server.queue.offer(b),
                                    a::cancel,
                                    server.thread()),
                            () -> {
                                assertTrue(
                                        a.ends.contains(End.RUN)
                                                || b.ends.contains(End.RUN)
                                                || a.ends.contains(End.CANCELLED));
                                assertTrue(!server.queue.isFull());
                            });
                });
    }

    @Test
    void lateRequests() {
        explore(
                order -> {
                    Server server = new Server(order, 10, 1);
                    long now = System.nanoTime();
                    Request late = server.request(now - 1);
                    Request inTime = server.request();
                    return scenario(
                            server,
                            List.of(
                                    () -> {
                                        server.queue.offer(late);
                                        server.queue.offer(inTime);
                                    },
                                    () -> server.queue.rejectExpired(now),
                                    server.thread()),
                            () -> {
                                assertEquals(Set.of(End.LATE), late.ends);
                                assertEquals(Set.of(End.RUN), inTime.ends);
                            });
                });
    }

    @Test
    void closing() {
        explore(
                order -> {
                    Server server = new Server(order, 10, 1);
                    Request a = server.request();
                    Request b = server.request();
                    return scenario(
                            server,
                            List.of(
                                    () -> server.queue.offer(a),
                                    () -> server.queue.offer(b),
                                    server.queue::close,
                                    server.thread()),
                            () -> {
                                Request later = server.request();
                                server.queue.offer(later);
                                assertEquals(Set.of(End.FULL), later.ends);
                                for (Request request : server.requests) {
                                    assertTrue(
                                            !request.abandoned || request.ends.contains(End.RUN));
                                }
                            });
                });
    }
}
