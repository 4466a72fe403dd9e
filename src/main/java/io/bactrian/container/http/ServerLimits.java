package io.bactrian.container.http;

import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * The limits of the HTTP server: the number of connections, timeouts, and minimum transfer rates.
 * They are not settings, since only broken or hostile clients come near them.
 *
 * @param eventLoops the number of threads that read requests and write answers
 * @param maxConnections the maximum number of open connections; beyond it, the one that has been
 *     idle longest is closed
 * @param headTimeout the time limit for a request's line and headers, from their first byte
 * @param bodyTimeout the time limit for a body, which is extended by the bytes received
 * @param writeTimeout the time limit for sending an answer, which is extended by the bytes sent
 * @param minBytesPerSecond the number of bytes that extend {@code bodyTimeout} or {@code
 *     writeTimeout} by one second
 * @param idleTimeout the maximum time between two requests of a connection
 * @param lingerTimeout how long input of a refused client is discarded before the connection is
 *     closed, so that the client can read its answer
 * @param refusalsPerSecond the rate of 503s that are not delayed by {@link RefusalPacer}
 * @param drainTimeout the time limit for requests in flight at shutdown
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

    /** One event loop per four cores, since it handles tens of thousands of requests per second. */
    private static final int CORES_PER_EVENT_LOOP = 4;

    private static final int MAX_CONNECTIONS = 10_000;

    /** The heap and direct memory of a connection whose request's head is being received. */
    private static final int BYTES_PER_CONNECTION = 32 * 1024;

    /** File descriptors for jars, models, and connections to other systems. */
    private static final int OTHER_FILES = 256;

    /** Longer than the idle timeouts of load balancers, so that they close connections first. */
    private static final Duration IDLE = Duration.ofMinutes(5);

    /** Most of the 30 s between SageMaker's SIGTERM and SIGKILL. */
    private static final Duration DRAIN = Duration.ofSeconds(22);

    /** {@return the default limits for this machine} */
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
     * {@return the maximum number of connections for given resources}
     *
     * @param heap the maximum size of the Java heap, in bytes
     * @param openFiles the maximum number of open files and sockets; 0 if it is unknown
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
