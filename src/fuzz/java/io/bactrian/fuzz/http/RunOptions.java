package io.bactrian.fuzz.http;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a run is to do, from {@code key=value} arguments.
 *
 * @param duration of the mutated requests
 * @param seed that every request follows from
 * @param connections at the same time
 * @param deadline within which a complete request must have its answer
 * @param server the start script of the distribution
 * @param fixtures a folder of further models and images; nothing is taken from it if it is missing
 * @param out for findings, the server's log and its memory over time
 * @param replay a file with a request to send once instead; null for a run
 */
record RunOptions(
        Duration duration,
        long seed,
        int connections,
        Duration deadline,
        Path server,
        Path fixtures,
        Path out,
        Path replay) {

    private static final Set<String> KEYS =
            new TreeSet<>(
                    Set.of(
                            "seconds",
                            "seed",
                            "connections",
                            "deadline-seconds",
                            "server",
                            "fixtures",
                            "out",
                            "replay"));

    private static final int MAX_CONNECTIONS = 64;
    private static final int MAX_SECONDS = 6 * 3600;

    static RunOptions of(String[] arguments) {
        Map<String, String> values = new HashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String key = equals < 0 ? argument : argument.substring(0, equals);
            if (equals < 0 || !KEYS.contains(key)) {
                throw new IllegalArgumentException(
                        "unknown argument " + argument + ": key=value with one of " + KEYS);
            }
            values.put(key, argument.substring(equals + 1));
        }
        String replay = values.get("replay");
        return new RunOptions(
                Duration.ofSeconds(bounded(values, "seconds", "600", MAX_SECONDS)),
                Long.parseLong(
                        values.getOrDefault("seed", String.valueOf(new Random().nextLong()))),
                bounded(values, "connections", "4", MAX_CONNECTIONS),
                Duration.ofSeconds(bounded(values, "deadline-seconds", "30", MAX_SECONDS)),
                Path.of(values.getOrDefault("server", "target/bactrian/bin/bactrian")),
                Path.of(values.getOrDefault("fixtures", "../shared/fixtures")),
                Path.of(values.getOrDefault("out", "target/fuzz")),
                replay == null ? null : Path.of(replay));
    }

    private static int bounded(
            Map<String, String> values, String key, String defaultValue, int max) {
        int value = Integer.parseInt(values.getOrDefault(key, defaultValue));
        if (value < 1 || value > max) {
            throw new IllegalArgumentException(key + " must be from 1 to " + max);
        }
        return value;
    }
}
