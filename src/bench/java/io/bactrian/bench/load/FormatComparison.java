package io.bactrian.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The same numbers in each wire format, sent to one server in turn for several rounds. The model
 * does next to nothing, so that what differs is reading and writing.
 */
final class FormatComparison {

    private static final String MODEL = "twice";
    private static final int FEW = 1;
    private static final int MANY = 8;

    private final Settings settings;
    private final int port;
    private final Server server;
    private final Map<String, Subject> formats = new LinkedHashMap<>();

    /** A format's request, the size of its answer, and its rounds with few and many connections. */
    private record Subject(Call call, int answerBytes, Rounds few, Rounds many) {}

    /** Measurements, and what they came to together. */
    private record Rounds(List<Double> rates, List<Double> cpuMillis, LoadResult all) {

        Rounds() {
            this(new ArrayList<>(), new ArrayList<>(), new LoadResult());
        }
    }

    private FormatComparison(Settings settings, Server server) {
        this.settings = settings;
        this.server = server;
        this.port = server.port();
    }

    static void compare(Settings settings, Report report) throws IOException, InterruptedException {
        Path model = settings.work().resolve("models/formats").resolve(MODEL).resolve("1");
        if (!Files.exists(model)) {
            Files.createDirectories(model.getParent());
            BenchModels.twice(model);
        }
        compare(settings, report, model, new FormatRequests(MODEL, 1, 4), "formats, 4 numbers");
        compare(
                settings,
                report,
                model,
                new FormatRequests(MODEL, 16, 1000),
                "formats, 16×1000 numbers");
    }

    private static void compare(
            Settings settings, Report report, Path model, FormatRequests requests, String title)
            throws IOException, InterruptedException {
        Map<String, Call> calls = requests.calls();
        Workload workload =
                new Workload(
                        "formats",
                        model.getParent().getParent(),
                        model,
                        Map.of(),
                        "",
                        calls.values().iterator().next(),
                        "",
                        "",
                        null,
                        null);
        Path log = settings.work().resolve("formats.log");
        try (Server server = Server.bactrian(settings, settings.bactrian(), workload, log)) {
            FormatComparison comparison = new FormatComparison(settings, server);
            comparison.prepare(calls);
            comparison.run(title);
            report.section(title, comparison.table());
        }
    }

    private void prepare(Map<String, Call> calls) throws IOException {
        for (Map.Entry<String, Call> each : calls.entrySet()) {
            Call.Answer answer = each.getValue().ask(port);
            if (answer.status() != 200) {
                throw new IOException(
                        each.getKey() + ": " + answer.status() + " " + new String(answer.body()));
            }
            formats.put(
                    each.getKey(),
                    new Subject(
                            each.getValue().expecting(answer.body()),
                            answer.body().length,
                            new Rounds(),
                            new Rounds()));
        }
        List<Call> all = formats.values().stream().map(Subject::call).toList();
        new HttpLoad(port, all).closed(MANY, settings.warmup());
    }

    private void run(String title) throws IOException {
        for (int round = 0; round < settings.rounds(); round++) {
            for (Map.Entry<String, Subject> each : formats.entrySet()) {
                Subject format = each.getValue();
                measure(format.call(), FEW, format.few());
                measure(format.call(), MANY, format.many());
                Progress.say(title + ", " + each.getKey() + ": " + format.many().all());
            }
        }
    }

    private void measure(Call call, int connections, Rounds rounds) throws IOException {
        double cpu = server.cpuSeconds();
        LoadResult result =
                new HttpLoad(port, List.of(call)).closed(connections, settings.duration());
        rounds.rates().add(result.rate());
        rounds.cpuMillis().add((server.cpuSeconds() - cpu) * 1000 / Math.max(1, result.count(200)));
        rounds.all().add(result);
    }

    private String table() {
        double json = Comparison.median(formats.get("JSON").many().cpuMillis());
        List<String[]> rows = new ArrayList<>();
        formats.forEach(
                (name, format) -> {
                    double cpu = Comparison.median(format.many().cpuMillis());
                    rows.add(
                            new String[] {
                                name,
                                Report.number(format.call().body().length),
                                Report.number(format.answerBytes()),
                                Report.number(Comparison.median(format.few().rates())),
                                Report.number(LoadResult.millis(format.few().all().answered, 50)),
                                Report.number(Comparison.median(format.many().rates())),
                                Report.number(cpu),
                                Report.number(cpu / json),
                                String.valueOf(format.few().all().bad() + format.many().all().bad())
                            });
                });
        return Report.table(
                new String[] {
                    "format",
                    "request, bytes",
                    "answer, bytes",
                    "per second, 1 connection",
                    "p50, ms",
                    "per second, 8 connections",
                    "processor ms per answer",
                    "of JSON's",
                    "bad answers"
                },
                rows);
    }
}
