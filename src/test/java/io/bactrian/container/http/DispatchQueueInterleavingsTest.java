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
 * The dispatch queue in all interleavings of a few threads' steps: each request ends exactly once.
 * {@code -Dpreemptions=4} explores many more interleavings.
 */
class DispatchQueueInterleavingsTest {

    private static final int PREEMPTIONS = Integer.getInteger("preemptions", 2);

    private enum End {
        RUN,
        CANCELLED,
        REJECTED,
        EXPIRED
    }

    /** A queue with its requests and workers. */
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

        /** {@return a thread of the pool, which runs started workers} */
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

        /** Runs the remaining workers, for each of which a real pool would have a thread. */
        void runRemaining() {
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
            end(reason instanceof DeadlineExceededException ? End.EXPIRED : End.REJECTED);
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
     * Runs a scenario in all interleavings.
     *
     * @param scenario the threads, and the check of the requests after they have ended
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
                server.runRemaining();
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
    void requestOfferedWhileTheLastWorkerEndsIsRun() {
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
    void requestsOfSeveralEventLoopsAreRun() {
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
    void cancelledRequestDoesNotAffectOthers() {
        explore(
                order -> {
                    Server server = new Server(order, 10, 1);
                    Request cancelled = server.request();
                    Request other = server.request();
                    return scenario(
                            server,
                            List.of(
                                    () -> {
                                        server.queue.offer(cancelled);
                                        server.queue.offer(other);
                                    },
                                    () -> {
                                        // Has no effect if the request has not been offered yet.
                                        cancelled.cancel();
                                        cancelled.cancel();
                                    },
                                    server.thread()),
                            () -> assertEquals(Set.of(End.RUN), other.ends));
                });
    }

    @Test
    void endedRequestFreesItsPlace() {
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
    void expiredRequestIsRejectedAndOthersAreRun() {
        explore(
                order -> {
                    Server server = new Server(order, 10, 1);
                    long now = System.nanoTime();
                    Request expired = server.request(now - 1);
                    Request inTime = server.request();
                    return scenario(
                            server,
                            List.of(
                                    () -> {
                                        server.queue.offer(expired);
                                        server.queue.offer(inTime);
                                    },
                                    () -> server.queue.rejectExpired(now),
                                    server.thread()),
                            () -> {
                                assertEquals(Set.of(End.EXPIRED), expired.ends);
                                assertEquals(Set.of(End.RUN), inTime.ends);
                            });
                });
    }

    @Test
    void closingRejectsOrCompletesEveryRequest() {
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
                                assertEquals(Set.of(End.REJECTED), later.ends);
                                for (Request request : server.requests) {
                                    assertTrue(
                                            !request.abandoned || request.ends.contains(End.RUN));
                                }
                            });
                });
    }
}
