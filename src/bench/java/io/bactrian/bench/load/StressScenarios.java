package io.bactrian.bench.load;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What a server is put to besides load it can carry: overload, SIGTERM, starts. */
final class StressScenarios {

    private static final int CONNECTIONS = 8;
    private static final int OVERLOAD_CONNECTIONS = 2000;
    private static final double MINUTE = 60;

    private final Settings settings;
    private final Report report;

    StressScenarios(Settings settings, Report report) {
        this.settings = settings;
        this.report = report;
    }

    /** Far more than it can do, at a constant rate, with pings beside. */
    void overload(Workload workload) throws IOException, InterruptedException {
        Path log = settings.work().resolve("overload.log");
        try (Server server = Server.bactrian(settings, workload, log)) {
            Call.Answer before = workload.call().ask(server.port());
            List<Call> calls = List.of(workload.call().expecting(before.body()));
            HttpLoad load = new HttpLoad(server.port(), calls);
            load.closed(CONNECTIONS, settings.warmup());
            LoadResult best = load.closed(CONNECTIONS, settings.duration().multipliedBy(3));
            double rate = best.rate() * settings.overloadFactor();
            double residentBefore = server.residentMebibytes();
            long logBefore = server.logBytes();
            Duration duration = settings.overloadDuration();
            var ping = PingProbe.beside(server.port(), duration);
            CompletableFuture<LoadResult> hard =
                    later(() -> new HttpLoad(server.port(), calls), rate, duration);
            List<Double> resident = new ArrayList<>();
            while (!hard.isDone()) {
                Thread.sleep(1000);
                resident.add(server.residentMebibytes());
            }
            LoadResult result = hard.join();
            LoadResult pings = ping.join();
            LoadResult bestAfter = load.closed(CONNECTIONS, settings.duration().multipliedBy(3));
            Progress.say("overload: " + result + "; pings " + pings);
            long start = System.nanoTime();
            Call.Answer after = workload.call().ask(server.port());
            double afterMillis = (System.nanoTime() - start) / 1e6;
            boolean normal =
                    after.status() == 200 && java.util.Arrays.equals(after.body(), before.body());
            double capacity = Math.max(best.rate(), bestAfter.rate());
            String times = Report.number(settings.overloadFactor()) + " times the load";
            report.ratio(
                    workload.name() + ", " + times + ": good answers, of the best rate",
                    Report.number(result.rate()) + "/s",
                    Report.number(capacity) + "/s",
                    result.rate() / capacity,
                    0.9);
            report.figure(
                    times + ": 503s, p99 from the time meant to be sent",
                    LoadResult.millis(result.refused, 99),
                    " ms",
                    false,
                    20);
            report.figure(
                    times + ": answers that are neither right nor a 503",
                    result.bad() + result.notConnected + result.notAccepted + result.unsent,
                    "",
                    false,
                    0);
            report.figure(
                    times + ": ping, p99",
                    LoadResult.millis(pings.answered, 99),
                    " ms",
                    false,
                    100);
            report.figure(
                    times + ": pings not answered with 200",
                    pings.answered.getTotalCount() == 0
                            ? 1
                            : pings.bad() + pings.count(503) + pings.notConnected + pings.unsent,
                    "",
                    false,
                    0);
            double most = resident.stream().mapToDouble(each -> each).max().orElse(0);
            report.ratio(
                    times + ": resident memory at most, of that before",
                    Report.number(most) + " MiB",
                    Report.number(residentBefore) + " MiB",
                    most / residentBefore,
                    0);
            double minutes = duration.toMillis() / 1000.0 / MINUTE;
            report.figure(
                    times + ": log, bytes a minute",
                    (server.logBytes() - logBefore) / minutes,
                    "",
                    false,
                    10_000);
            report.figure(
                    times
                            + ": the next request is answered as before (1) in "
                            + Report.number(afterMillis)
                            + " ms",
                    normal ? 1 : 0,
                    "",
                    true,
                    1);
            report.section(
                    "overload",
                    String.format(
                            "Best before: %s  %nUnder %s/s for %d s: %s  %n503s from the time"
                                    + " really sent: p50 %.2f, p99 %.2f, max %.2f ms  %nPings: %s "
                                    + " %nBest after: %s  %nResident: %.0f MiB before, at most %.0f, %.0f"
                                    + " at the end.%n",
                            best,
                            Report.number(rate),
                            duration.toSeconds(),
                            result,
                            LoadResult.millis(result.refusedSinceSent, 50),
                            LoadResult.millis(result.refusedSinceSent, 99),
                            result.refusedSinceSent.getMaxValue() / 1000.0,
                            pings,
                            bestAfter,
                            residentBefore,
                            most,
                            resident.get(resident.size() - 1)));
        }
    }

    private interface Loads {
        HttpLoad get();
    }

    private static CompletableFuture<LoadResult> later(
            Loads loads, double rate, Duration duration) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return rate == 0
                                ? loads.get().closed(CONNECTIONS * 2, duration)
                                : loads.get().open(rate, duration, OVERLOAD_CONNECTIONS);
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                task -> new Thread(task, "load").start());
    }

    /** SIGTERM while requests come: each must get its answer, a 503, or no connection. */
    void terminate(Workload workload) throws IOException, InterruptedException {
        LoadResult sum = new LoadResult();
        double longest = 0;
        int exit = 0;
        for (int round = 0; round < settings.rounds(); round++) {
            Path log = settings.work().resolve("sigterm.log");
            try (Server server = Server.bactrian(settings, workload, log)) {
                Call.Answer before = workload.call().ask(server.port());
                List<Call> calls = List.of(workload.call().expecting(before.body()));
                CompletableFuture<LoadResult> load =
                        later(() -> new HttpLoad(server.port(), calls), 0, Duration.ofMillis(6000));
                Thread.sleep(3000);
                long start = System.nanoTime();
                server.terminate();
                boolean ended = server.awaitEnd(Duration.ofSeconds(40));
                double seconds = (System.nanoTime() - start) / 1e9;
                longest = Math.max(longest, ended ? seconds : 40);
                exit = ended ? Math.max(exit, server.exitCode()) : 1;
                LoadResult result = load.join();
                Progress.say(
                        String.format(
                                "sigterm: ended after %.2f s with %d; %s",
                                seconds, ended ? server.exitCode() : -1, result));
                sum.add(result);
            }
        }
        String name = workload.name() + ", SIGTERM under load: ";
        report.figure(
                name + "accepted requests without an answer",
                sum.lost + sum.cutShort + sum.unanswered,
                "",
                false,
                0);
        report.figure(name + "exit after at most", longest, " s", false, 25);
        report.section(
                "sigterm",
                String.format(
                        "%d times, %s, %d connections: %s  %nExit code %d (143 is SIGTERM's)."
                                + " \"Not accepted\" are connections that the kernel had taken and the"
                                + " server never saw; \"not connected\" came after it had closed its"
                                + " port.%n",
                        settings.rounds(), workload.name(), CONNECTIONS * 2, sum, exit));
    }

    /** From starting the start script to the first 200 on /ping. */
    void starts() throws IOException, InterruptedException {
        Workload examples =
                new Workload(
                        "start-up",
                        Path.of("src/examples/models"),
                        Path.of("src/examples/models"),
                        java.util.Map.of(),
                        "/ping",
                        Call.get("/ping"),
                        "",
                        "",
                        null,
                        null);
        List<Double> seconds = new ArrayList<>();
        for (int start = 0; start < settings.starts(); start++) {
            Path log = settings.work().resolve("start-up.log");
            try (Server server = Server.bactrian(settings, examples, log)) {
                seconds.add(server.startUp().toNanos() / 1e9);
                Progress.say("start-up: " + seconds.get(start) + " s");
            }
        }
        report.section(
                "start-up",
                String.format(
                        "From starting `bactrian serve` with the three example models to the first"
                                + " 200 on /ping, %d times: median %.2f s, least %.2f, most %.2f.%n",
                        seconds.size(),
                        Comparison.median(seconds),
                        seconds.stream().mapToDouble(each -> each).min().orElse(0),
                        seconds.stream().mapToDouble(each -> each).max().orElse(0)));
    }
}
