package io.bactrian.bench.load;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One workload: Bactrian, the Python baseline if there is one, and the model alone, each measured
 * for a few seconds in turn, several rounds. A ratio is the median of the rounds' ratios, so that
 * noise which lasts longer than a round falls on both sides.
 */
final class Comparison implements AutoCloseable {

    private static final String BACTRIAN = "Bactrian";
    private static final String SIGNATURE = "Python, signature";
    private static final String KERAS = "Python, model.predict";

    private final Settings settings;
    private final Workload workload;
    private final int[] connections;
    private final Map<String, Subject> servers = new LinkedHashMap<>();
    private final Map<String, List<RawProcess.Rate>> raw = new LinkedHashMap<>();
    private final List<RawProcess> sessions = new ArrayList<>();
    private final List<RawProcess.Rate> optimized = new ArrayList<>();
    private final List<RawProcess.Rate> decoding = new ArrayList<>();
    private final List<Wrk.Rate> wrk = new ArrayList<>();

    /** A server and what was measured of it. */
    private static final class Subject {
        final Server server;
        final Call call;
        final Map<Integer, List<LoadResult>> results = new TreeMap<>();
        final Map<Integer, LoadResult> pings = new TreeMap<>();
        final Map<Integer, List<Double>> cpuMillis = new TreeMap<>();
        double residentMebibytes;

        Subject(Server server, Call call) {
            this.server = server;
            this.call = call;
        }

        double rate(int connections, int round) {
            return results.get(connections).get(round).rate();
        }

        double rate(int connections) {
            return median(results.get(connections).stream().map(LoadResult::rate).toList());
        }

        LoadResult all(int connections) {
            LoadResult sum = new LoadResult();
            results.get(connections).forEach(sum::add);
            return sum;
        }
    }

    Comparison(Settings settings, Workload workload, int... connections) {
        this.settings = settings;
        this.workload = workload;
        this.connections = connections;
    }

    void run() throws IOException, InterruptedException {
        start(BACTRIAN, Server.bactrian(settings, workload, log("bactrian")));
        if (!settings.python().isEmpty() && workload.script() != null) {
            start(SIGNATURE, Server.python(settings, workload, "signature", log("signature")));
            start(KERAS, Server.python(settings, workload, "keras", log("keras")));
        }
        int cores = Runtime.getRuntime().availableProcessors();
        List<Integer> widths = cores == 1 ? List.of(1) : List.of(1, cores);
        for (int intraOp : widths) {
            sessions.add(new RawProcess(settings, workload, intraOp, false));
        }
        RawProcess optimizing = new RawProcess(settings, workload, 1, true);
        sessions.add(optimizing);
        boolean withWrk = workload.script() == null && Wrk.exists(settings);
        if (withWrk) {
            Wrk.run(settings, workload, servers.get(BACTRIAN).server.port(), most());
        }
        for (int round = 0; round < settings.rounds(); round++) {
            for (int i = 0; i < widths.size(); i++) {
                for (int threads : widths) {
                    double seconds = settings.seconds() / 2;
                    RawProcess session = sessions.get(i);
                    if (round == 0) {
                        session.run(threads, seconds);
                    }
                    raw.computeIfAbsent(
                                    threads + " threads, " + widths.get(i) + " in an operation",
                                    key -> new ArrayList<>())
                            .add(session.run(threads, seconds));
                }
            }
            if (round == 0) {
                optimizing.run(cores, settings.seconds() / 2);
            }
            optimized.add(optimizing.run(cores, settings.seconds() / 2));
            if (workload.image() != null) {
                if (round == 0) {
                    sessions.get(0).decode(workload.image(), settings.seconds());
                }
                decoding.add(sessions.get(0).decode(workload.image(), settings.seconds() / 2));
            }
            for (int count : connections) {
                for (Map.Entry<String, Subject> server : servers.entrySet()) {
                    measure(server.getKey(), server.getValue(), count);
                }
            }
            if (withWrk) {
                wrk.add(Wrk.run(settings, workload, servers.get(BACTRIAN).server.port(), most()));
                Progress.say(workload.name() + " wrk: " + wrk.get(wrk.size() - 1));
            }
        }
        for (Subject subject : servers.values()) {
            subject.residentMebibytes = subject.server.residentMebibytes();
        }
    }

    private Path log(String server) {
        return settings.work().resolve(workload.name() + "-" + server + ".log");
    }

    private void start(String name, Server server) throws IOException {
        Call.Answer answer = workload.call().ask(server.port());
        if (answer.status() != 200) {
            server.close();
            throw new IOException(
                    name + " answered " + answer.status() + " " + new String(answer.body()));
        }
        Subject subject = new Subject(server, workload.call().expecting(answer.body()));
        servers.put(name, subject);
        new HttpLoad(server.port(), List.of(subject.call)).closed(most(), settings.warmup());
    }

    private void measure(String name, Subject subject, int count) throws IOException {
        Duration duration = settings.duration();
        double cpu = subject.server.cpuSeconds();
        // A worker of the baseline's that predicts answers no ping: it has only two.
        boolean withPing = name.equals(BACTRIAN);
        var ping = withPing ? PingProbe.beside(subject.server.port(), duration) : null;
        LoadResult result =
                new HttpLoad(subject.server.port(), List.of(subject.call)).closed(count, duration);
        if (ping != null) {
            subject.pings.computeIfAbsent(count, key -> new LoadResult()).add(ping.join());
        }
        subject.results.computeIfAbsent(count, key -> new ArrayList<>()).add(result);
        subject.cpuMillis
                .computeIfAbsent(count, key -> new ArrayList<>())
                .add((subject.server.cpuSeconds() - cpu) * 1000 / Math.max(1, result.count(200)));
        Progress.say(workload.name() + " " + name + " " + count + ": " + result);
    }

    private int most() {
        return connections[connections.length - 1];
    }

    /** How the model alone is fastest. */
    private String bestRaw() {
        return raw.entrySet().stream()
                .max(Comparator.comparingDouble(entry -> medianRate(entry.getValue())))
                .orElseThrow()
                .getKey();
    }

    private static double medianRate(List<RawProcess.Rate> rates) {
        return median(rates.stream().map(RawProcess.Rate::rate).toList());
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    void tell(Report report, Plot plot) {
        Targets wanted = Targets.of(workload.name());
        Subject bactrian = servers.get(BACTRIAN);
        String best = bestRaw();
        tellRatios(report, wanted, bactrian, best);
        List<String[]> rows = new ArrayList<>();
        List<Plot.Line> lines = new ArrayList<>();
        servers.forEach(
                (name, subject) -> {
                    Map<Integer, Double> rates = new TreeMap<>();
                    Map<Integer, Double> p99s = new TreeMap<>();
                    for (int count : connections) {
                        LoadResult all = subject.all(count);
                        rates.put(count, subject.rate(count));
                        p99s.put(count, LoadResult.millis(all.answered, 99));
                        rows.add(row(name, subject, count, all));
                    }
                    lines.add(new Plot.Line(name, rates, p99s));
                });
        for (Map.Entry<String, List<RawProcess.Rate>> entry : raw.entrySet()) {
            rows.add(rawRow("the model alone, " + entry.getKey(), entry.getValue()));
        }
        rows.add(rawRow("the model alone as it is optimized, a thread a processor", optimized));
        if (!decoding.isEmpty()) {
            rows.add(rawRow("the image's decoding alone, 1 thread", decoding));
        }
        for (Wrk.Rate rate : wrk) {
            rows.add(
                    new String[] {
                        "Bactrian, by wrk",
                        String.valueOf(most()),
                        Report.number(rate.rate()),
                        Report.number(rate.p50()),
                        Report.number(rate.p99()),
                        "",
                        "",
                        "",
                        rate.others() + " not 2xx"
                    });
        }
        StringBuilder text =
                new StringBuilder(
                        Report.table(
                                new String[] {
                                    "server",
                                    "connections",
                                    "a second",
                                    "p50 ms",
                                    "p99 ms",
                                    "processor ms each",
                                    "ping p99 ms",
                                    "statuses",
                                    "bad"
                                },
                                rows));
        servers.forEach(
                (name, subject) ->
                        text.append(
                                String.format(
                                        "%n%s: %.0f MiB resident after the run.%n",
                                        name, subject.residentMebibytes)));
        report.section(workload.name(), text.toString());
        plot.row(workload.name(), medianRate(raw.get(best)), lines);
    }

    private void tellRatios(Report report, Targets wanted, Subject bactrian, String best) {
        String name = workload.name();
        String rate = Report.number(bactrian.rate(most()));
        List<Double> ofRaw = new ArrayList<>();
        for (int round = 0; round < settings.rounds(); round++) {
            ofRaw.add(bactrian.rate(most(), round) / raw.get(best).get(round).rate());
        }
        report.ratio(
                name + ", " + most() + " connections, against the model alone (" + best + ")",
                rate + "/s",
                Report.number(medianRate(raw.get(best))) + "/s",
                median(ofRaw),
                wanted.ofRaw());
        servers.forEach(
                (other, subject) -> {
                    if (subject == bactrian) {
                        return;
                    }
                    List<Double> ofPython = new ArrayList<>();
                    for (int round = 0; round < settings.rounds(); round++) {
                        ofPython.add(bactrian.rate(most(), round) / subject.rate(most(), round));
                    }
                    report.ratio(
                            name + ", " + most() + " connections, against " + other,
                            rate + "/s",
                            Report.number(subject.rate(most())) + "/s",
                            median(ofPython),
                            other.equals(KERAS) ? wanted.ofKeras() : wanted.ofSignature());
                });
        double lone = LoadResult.millis(bactrian.all(connections[0]).answered, 50);
        if (!decoding.isEmpty()) {
            double parts =
                    raw.entrySet().stream()
                                    .filter(entry -> entry.getKey().startsWith("1 threads"))
                                    .mapToDouble(
                                            entry ->
                                                    median(
                                                            entry.getValue().stream()
                                                                    .map(RawProcess.Rate::p50)
                                                                    .toList()))
                                    .min()
                                    .orElseThrow()
                            + median(decoding.stream().map(RawProcess.Rate::p50).toList());
            report.figure(
                    String.format(
                            "%s, a lone request (p50 %s ms) beyond decoding and model (%s ms)",
                            name, Report.number(lone), Report.number(parts)),
                    lone - parts,
                    " ms",
                    false,
                    5);
        }
        if (wanted.rate() > 0) {
            report.figure(name + ", a lone request, p50", lone, " ms", false, wanted.lone());
            report.figure(
                    name + ", " + most() + " connections",
                    bactrian.rate(most()),
                    "/s",
                    true,
                    wanted.rate());
            report.figure(
                    name + ", " + most() + " connections, p99",
                    LoadResult.millis(bactrian.all(most()).answered, 99),
                    " ms",
                    false,
                    wanted.p99());
            if (!wrk.isEmpty()) {
                report.figure(
                        name + ", " + most() + " connections, by wrk",
                        median(wrk.stream().map(Wrk.Rate::rate).toList()),
                        "/s",
                        true,
                        wanted.rate());
                report.figure(
                        name + ", " + most() + " connections, p99 by wrk",
                        median(wrk.stream().map(Wrk.Rate::p99).toList()),
                        " ms",
                        false,
                        wanted.p99());
            }
            report.figure(
                    name + ", resident after the run",
                    bactrian.residentMebibytes,
                    " MiB",
                    false,
                    wanted.residentMebibytes());
        }
    }

    private String[] row(String name, Subject subject, int count, LoadResult all) {
        LoadResult pings = subject.pings.get(count);
        return new String[] {
            name,
            String.valueOf(count),
            Report.number(subject.rate(count)),
            Report.number(LoadResult.millis(all.answered, 50)),
            Report.number(LoadResult.millis(all.answered, 99)),
            Report.number(median(subject.cpuMillis.get(count))),
            pings == null ? "" : Report.number(LoadResult.millis(pings.answered, 99)),
            all.statuses.toString(),
            String.valueOf(all.bad())
        };
    }

    private static String[] rawRow(String name, List<RawProcess.Rate> rates) {
        return new String[] {
            name,
            "",
            Report.number(medianRate(rates)),
            Report.number(median(rates.stream().map(RawProcess.Rate::p50).toList())),
            Report.number(median(rates.stream().map(RawProcess.Rate::p99).toList())),
            Report.number(median(rates.stream().map(RawProcess.Rate::cpu).toList())),
            "",
            ""
        };
    }

    @Override
    public void close() {
        sessions.forEach(RawProcess::close);
        servers.values().forEach(subject -> subject.server.close());
    }
}
