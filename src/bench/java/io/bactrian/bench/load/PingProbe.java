package io.bactrian.bench.load;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Asks for {@code /ping} at a constant rate beside a load, on connections of its own. */
final class PingProbe {

    private static final double RATE = 20;
    private static final int CONNECTIONS = 64;

    private PingProbe() {}

    static CompletableFuture<LoadResult> beside(int port, Duration duration) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return new HttpLoad(port, List.of(Call.get("/ping")))
                                .open(RATE, duration, CONNECTIONS);
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                task -> new Thread(task, "ping").start());
    }
}
