package io.bactrian.bench.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One workload on two builds of Bactrian, measured in turn for several rounds. What is compared is
 * the processor time of an answer, which others on the machine disturb least: the new build is
 * slower where all its rounds lie above all those of the old one.
 */
final class BuildComparison implements AutoCloseable {

    /** By how much the lowest of the new build may lie above the highest of the old one. */
    private static final double TOLERANCE = 1.03;

    private final Settings settings;
    private final Workload workload;
    private final int[] connections;
    private final Map<String, Subject> builds = new LinkedHashMap<>();

    /** A build's server and, by connections, its rounds. */
    private record Subject(
            Server server,
            Call call,
            Map<Integer, List<Double>> rates,
            Map<Integer, List<Double>> cpuMillis,
            Map<Integer, LoadResult> results) {}

    BuildComparison(Settings settings, Workload workload, int... connections) {
        this.settings = settings;
        this.workload = workload;
        this.connections = connections;
    }

    void run() throws IOException, InterruptedException {
        start("before", settings.before());
        start("after", settings.bactrian());
        for (int round = 0; round < settings.rounds(); round++) {
            for (int count : connections) {
                // The first of a round in turn, lest one always follows the other's heat.
                List<Map.Entry<String, Subject>> order = new ArrayList<>(builds.entrySet());
                if (round % 2 == 1) {
                    Collections.reverse(order);
                }
                for (Map.Entry<String, Subject> build : order) {
                    measure(build.getKey(), build.getValue(), count);
                }
            }
        }
    }

    private void start(String name, Path script) throws IOException, InterruptedException {
        Path log = settings.work().resolve(workload.name() + "-" + name + ".log");
        Server server = Server.bactrian(settings, script, workload, log);
        Call.Answer answer = workload.call().ask(server.port());
        if (answer.status() != 200) {
            server.close();
            throw new IOException(
                    name + " answered " + answer.status() + " " + new String(answer.body()));
        }
        Call call = workload.call().expecting(answer.body());
        builds.put(
                name, new Subject(server, call, new TreeMap<>(), new TreeMap<>(), new TreeMap<>()));
        new HttpLoad(server.port(), List.of(call))
                .closed(connections[connections.length - 1], settings.warmup());
    }

    private void measure(String name, Subject build, int count) throws IOException {
        double cpu = build.server().cpuSeconds();
        LoadResult result =
                new HttpLoad(build.server().port(), List.of(build.call()))
                        .closed(count, settings.duration());
        double millis = (build.server().cpuSeconds() - cpu) * 1000 / Math.max(1, result.count(200));
        build.rates().computeIfAbsent(count, key -> new ArrayList<>()).add(result.rate());
        build.cpuMillis().computeIfAbsent(count, key -> new ArrayList<>()).add(millis);
        build.results().computeIfAbsent(count, key -> new LoadResult()).add(result);
        Progress.say(workload.name() + " " + name + " " + count + ": " + result);
    }

    void report(Report report) {
        List<String[]> rows = new ArrayList<>();
        Subject before = builds.get("before");
        Subject after = builds.get("after");
        for (int count : connections) {
            List<Double> old = before.cpuMillis().get(count);
            List<Double> fresh = after.cpuMillis().get(count);
            boolean slower = Collections.min(fresh) > TOLERANCE * Collections.max(old);
            rows.add(
                    new String[] {
                        String.valueOf(count),
                        Report.number(Comparison.median(before.rates().get(count))),
                        Report.number(Comparison.median(after.rates().get(count))),
                        interval(old),
                        interval(fresh),
                        Report.number(Comparison.median(fresh) / Comparison.median(old)),
                        slower ? "slower" : "",
                        before.results().get(count).bad() + ", " + after.results().get(count).bad()
                    });
        }
        report.section(
                workload.name(),
                Report.table(
                        new String[] {
                            "connections",
                            "before, per second",
                            "after, per second",
                            "before, processor ms per answer",
                            "after, processor ms per answer",
                            "ratio",
                            "",
                            "bad answers"
                        },
                        rows));
    }

    /** Lowest, median and highest of the rounds. */
    private static String interval(List<Double> values) {
        return Report.number(Collections.min(values))
                + " – "
                + Report.number(Comparison.median(values))
                + " – "
                + Report.number(Collections.max(values));
    }

    @Override
    public void close() {
        builds.values().forEach(build -> build.server().close());
    }
}
