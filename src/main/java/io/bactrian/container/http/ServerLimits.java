package io.bactrian.container.http;

import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * What the HTTP server grants its clients: how many connections there may be, how slow they may be,
 * and how long the end of the process waits for them. None is a setting: a client that comes near
 * one is broken or hostile.
 *
 * @param eventLoops threads that read requests and write answers
 * @param maxConnections open connections; beyond it, the one that has been idle for longest is
 *     closed
 * @param headTimeout how long a request's line and headers may take once their first byte is there
 * @param bodyTimeout how long a body may take to arrive, before {@code minBytesPerSecond} counts
 * @param writeTimeout how long an answer may take to be read, before {@code minBytesPerSecond}
 *     counts
 * @param minBytesPerSecond each such number of bytes received, or sent, gives a body or an answer
 *     another second
 * @param idleTimeout how long a connection may be idle
 * @param lingerTimeout how long a refused client that goes on sending is listened to, so that it
 *     comes to read its answer
 * @param refusalsPerSecond how many 503s are sent at the speed at which clients try again; beyond
 *     it, their connections are not read from for a while
 * @param drainTimeout how long requests under way may take once the process is to end
 */
public record ServerLimits(
        int eventLoops,
        int maxConnections,
        Duration headTimeout,
        Duration bodyTimeout,
        Duration writeTimeout,
        long minBytesPerSecond,
        Duration idleTimeout,
        Duration lingerTimeout,
        int refusalsPerSecond,
        Duration drainTimeout) {

    /** An event loop serves tens of thousands of requests a second. */
    private static final int CORES_PER_EVENT_LOOP = 4;

    private static final int MAX_CONNECTIONS = 10_000;

    /** Heap and direct memory that a connection in the middle of a request's head takes. */
    private static final int BYTES_PER_CONNECTION = 32 * 1024;

    /** For jars, models, and connections to other systems. */
    private static final int OTHER_FILES = 256;

    /** More than load balancers keep idle connections for, so that they close them first. */
    private static final Duration IDLE = Duration.ofMinutes(5);

    /** SageMaker kills 30 s after SIGTERM: requests get most of it. */
    private static final Duration DRAIN = Duration.ofSeconds(22);

    public static ServerLimits defaults() {
        return new ServerLimits(
                Math.max(1, Runtime.getRuntime().availableProcessors() / CORES_PER_EVENT_LOOP),
                maxConnections(Runtime.getRuntime().maxMemory(), maxOpenFiles()),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                64 * 1024,
                IDLE,
                Duration.ofSeconds(5),
                10_000,
                DRAIN);
    }

    /**
     * @param heap the most that Java's heap may grow to, in bytes
     * @param openFiles files and sockets that the process may have open; 0 if that is not known
     */
    static int maxConnections(long heap, long openFiles) {
        long connections = Math.min(MAX_CONNECTIONS, heap / BYTES_PER_CONNECTION);
        if (openFiles > 0) {
            connections = Math.min(connections, openFiles - OTHER_FILES);
        }
        return (int) Math.max(16, connections);
    }

    private static long maxOpenFiles() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : 0;
    }
}
