package io.bactrian.container;

import io.bactrian.container.http.ServerLimits;
import java.time.Duration;

/** Limits of the HTTP server for tests. */
final class TestLimits {

    private static final Duration LONG = Duration.ofMinutes(10);

    private TestLimits() {}

    /** {@return limits that no test reaches} */
    static ServerLimits patient(int eventLoops) {
        return limits(eventLoops, Duration.ofSeconds(22));
    }

    /** {@return limits with a given drain timeout} */
    static ServerLimits draining(Duration drain) {
        return limits(1, drain);
    }

    private static ServerLimits limits(int eventLoops, Duration drain) {
        return new ServerLimits(
                eventLoops, 1000, LONG, LONG, LONG, 1, LONG, LONG, 1_000_000, drain);
    }
}
