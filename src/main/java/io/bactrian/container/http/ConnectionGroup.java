package io.bactrian.container.http;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop: bounds their number, and looks at the clock for all of them.
 * But for the counts, all is called by the event loop's thread.
 */
final class ConnectionGroup {

    private static final long MAX_SWEEP_NANOS = 1_000_000_000;

    private final ServerLimits limits;
    private final LongSupplier clock;
    private final RefusalPacer pacer;
    private final int maxConnections;
    private final Set<ConnectionGuard> guards = Collections.newSetFromMap(new IdentityHashMap<>());
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger openRequests = new AtomicInteger();
    private @Nullable ScheduledFuture<?> sweeping;
    private boolean draining;
    private boolean closing;

    /**
     * @param clock such as {@link System#nanoTime()}
     */
    ConnectionGroup(ServerLimits limits, LongSupplier clock) {
        this.limits = limits;
        this.clock = clock;
        this.pacer =
                new RefusalPacer(Math.max(1, limits.refusalsPerSecond() / limits.eventLoops()));
        this.maxConnections = Math.max(1, limits.maxConnections() / limits.eventLoops());
    }

    /** Begins to end connections that are stalled. */
    void start(EventLoop eventLoop) {
        long nanos = MAX_SWEEP_NANOS;
        for (var timeout :
                new Duration[] {
                    limits.headTimeout(),
                    limits.bodyTimeout(),
                    limits.writeTimeout(),
                    limits.idleTimeout(),
                    limits.lingerTimeout()
                }) {
            nanos = Math.min(nanos, timeout.toNanos() / 4);
        }
        sweeping =
                eventLoop.scheduleWithFixedDelay(
                        this::sweep, nanos, Math.max(1, nanos), TimeUnit.NANOSECONDS);
    }

    void sweep() {
        long now = clock.getAsLong();
        // Those that are ended leave the set.
        for (ConnectionGuard guard : new ArrayList<>(guards)) {
            guard.endIfStalled(now);
        }
    }

    /** Closes each connection with its next answer. */
    void drain() {
        draining = true;
    }

    boolean isDraining() {
        return draining;
    }

    /** Ends what is being received with 503, and closes connections at once from now on. */
    void close() {
        closing = true;
        if (sweeping != null) {
            sweeping.cancel(false);
        }
        for (ConnectionGuard guard : new ArrayList<>(guards)) {
            guard.shutDown();
        }
    }

    boolean isClosing() {
        return closing;
    }

    /**
     * Closes the connection that has been idle for longest, or the new one, if there are too many.
     */
    void add(ConnectionGuard guard) {
        guards.add(guard);
        connections.lazySet(guards.size());
        if (guards.size() > maxConnections) {
            ConnectionGuard idlest = guard;
            for (ConnectionGuard each : guards) {
                if (each != guard
                        && each.isIdle()
                        && (idlest == guard || each.idleSince() - idlest.idleSince() < 0)) {
                    idlest = each;
                }
            }
            idlest.abort();
        }
    }

    void remove(ConnectionGuard guard) {
        guards.remove(guard);
        connections.lazySet(guards.size());
    }

    /** Notes that a request has begun to arrive, or that its answer was written. */
    void countRequests(int change) {
        // There is one writer.
        openRequests.lazySet(openRequests.get() + change);
    }

    /** {@return open connections} */
    int connections() {
        return connections.get();
    }

    /** {@return requests whose head is there and whose answer is not written yet} */
    int openRequests() {
        return openRequests.get();
    }

    long now() {
        return clock.getAsLong();
    }

    ServerLimits limits() {
        return limits;
    }

    RefusalPacer pacer() {
        return pacer;
    }
}
