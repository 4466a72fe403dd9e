package io.bactrian.container.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ServerLimitsTest {

    @Test
    void defaultsAreAsDocumented() {
        ServerLimits limits = ServerLimits.defaults();
        int cores = Runtime.getRuntime().availableProcessors();
        assertEquals(Math.max(1, cores / 4), limits.eventLoops());
        assertTrue(limits.maxConnections() <= 10_000);
        assertEquals(Duration.ofSeconds(20), limits.headTimeout());
        assertEquals(Duration.ofSeconds(20), limits.bodyTimeout());
        assertEquals(Duration.ofSeconds(20), limits.writeTimeout());
        assertEquals(65536, limits.minBytesPerSecond());
        assertEquals(Duration.ofMinutes(5), limits.idleTimeout());
        assertEquals(Duration.ofSeconds(5), limits.lingerTimeout());
        assertEquals(10_000, limits.refusalsPerSecond());
        assertEquals(Duration.ofSeconds(22), limits.drainTimeout());
    }

    @Test
    void connectionsAreLimitedByHeapAndOpenFiles() {
        assertEquals(10_000, ServerLimits.maxConnections(1L << 30, 1_000_000));
        assertEquals(4096, ServerLimits.maxConnections(128 << 20, 1_000_000));
        assertEquals(768, ServerLimits.maxConnections(1L << 30, 1024));
        assertEquals(10_000, ServerLimits.maxConnections(1L << 30, 0));
        assertEquals(16, ServerLimits.maxConnections(1L << 30, 100));
    }
}
