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
 * The connections of one event loop. It bounds their number and checks their timeouts periodically.
 * All methods but {@link #connections} and {@link #openRequests} are called on the event loop.
 */
final class ConnectionGroup {

    private static final long MAX_CHECK_INTERVAL_NANOS = 1_000_000_000;

    private final ServerLimits limits;
    private final LongSupplier clock;
    private final RefusalPacer pacer;
    private final int maxConnections;
    private final Set<ConnectionGuard> guards = Collections.newSetFromMap(new IdentityHashMap<>());
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger openRequests = new AtomicInteger();
    private @Nullable ScheduledFuture<?> timeoutCheck;
    private boolean draining;
    private boolean closing;

    /**
     * Creates an empty group.
     *
     * @param limits the limits of the whole server, of which the group has an equal share
     * @param clock the time in nanoseconds, such as {@link System#nanoTime()}
     */
    ConnectionGroup(ServerLimits limits, LongSupplier clock) {
        this.limits = limits;
        this.clock = clock;
        this.pacer =
                new RefusalPacer(Math.max(1, limits.refusalsPerSecond() / limits.eventLoops()));
        this.maxConnections = Math.max(1, limits.maxConnections() / limits.eventLoops());
    }

    /** Starts to close stalled connections periodically. */
    void start(EventLoop eventLoop) {
        long nanos = MAX_CHECK_INTERVAL_NANOS;
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
        timeoutCheck =
                eventLoop.scheduleWithFixedDelay(
                        this::checkTimeouts, nanos, Math.max(1, nanos), TimeUnit.NANOSECONDS);
    }

    void checkTimeouts() {
        long now = clock.getAsLong();
        // Copied, since closed connections remove themselves from the set.
        for (ConnectionGuard guard : new ArrayList<>(guards)) {
            guard.closeIfStalled(now);
        }
    }

    /** Closes each connection after its next answer from now on. */
    void drain() {
        draining = true;
    }

    boolean isDraining() {
        return draining;
    }

    /** Answers 503 to unfinished requests, and closes connections without lingering from now on. */
    void close() {
        closing = true;
        if (timeoutCheck != null) {
            timeoutCheck.cancel(false);
        }
        for (ConnectionGuard guard : new ArrayList<>(guards)) {
            guard.shutDown();
        }
    }

    boolean isClosing() {
        return closing;
    }

    /**
     * Adds a connection. If there are too many, closes the one that has been idle longest, or the
     * new one if none is idle.
     */
    void add(ConnectionGuard guard) {
        guards.add(guard);
        connections.lazySet(guards.size());
        if (guards.size() > maxConnections) {
            ConnectionGuard longestIdle = guard;
            for (ConnectionGuard each : guards) {
                if (each != guard
                        && each.isIdle()
                        && (longestIdle == guard
                                || each.idleSince() - longestIdle.idleSince() < 0)) {
                    longestIdle = each;
                }
            }
            longestIdle.abort();
        }
    }

    void remove(ConnectionGuard guard) {
        guards.remove(guard);
        connections.lazySet(guards.size());
    }

    /** Changes the number of open requests. */
    void countRequests(int change) {
        // Only the event loop writes it.
        openRequests.lazySet(openRequests.get() + change);
    }

    /** {@return the number of open connections} */
    int connections() {
        return connections.get();
    }

    /** {@return the number of requests whose head has been received but not answered yet} */
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
