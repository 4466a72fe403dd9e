package io.bactrian.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * Measures the server as it is started by its README, beside the model alone and a Python baseline,
 * and says the ratios. src/bench/README.md tells the parameters.
 */
public final class LoadBenchmark {

    private LoadBenchmark() {}

    /**
     * @param args {@code key=value}, see {@link Settings}
     */
    public static void main(String[] args) throws Exception {
        Settings settings = new Settings(args);
        Files.createDirectories(settings.work());
        Files.createDirectories(settings.out());
        if (!Files.isExecutable(settings.bactrian())) {
            throw new IOException(settings.bactrian() + " is not there: mvn package makes it");
        }
        Workloads workloads = new Workloads(settings);
        Report report = new Report();
        Plot plot = new Plot();
        boolean drawn = false;
        StressScenarios hardship = new StressScenarios(settings, report);
        for (String scenario : settings.scenarios()) {
            Progress.say(scenario);
            HostLoad bystanders = new HostLoad();
            try {
                switch (scenario) {
                    case "overload" -> hardship.overload(heavy(workloads));
                    case "sigterm" -> hardship.terminate(heavy(workloads));
                    case "start-up" -> hardship.starts();
                    case "formats" -> FormatComparison.compare(settings, report);
                    default -> drawn |= compare(settings, workloads.of(scenario), report, plot);
                }
                report.append(bystanders.told());
            } catch (IOException e) {
                report.section(scenario, "Failed: " + e.getMessage() + "\n");
            }
            // After each, so that what was measured is not lost with what comes.
            Files.writeString(settings.out().resolve("load.md"), head(settings) + report);
            if (drawn) {
                plot.write(settings.out().resolve("load.svg"));
            }
        }
        System.out.print(head(settings) + report);
    }

    /** The dearest image model there is: load that the machine can produce ten times over. */
    private static Workload heavy(Workloads workloads) throws IOException, InterruptedException {
        Workload image = workloads.of("image");
        return image == null ? workloads.of("small-image") : image;
    }

    private static boolean compare(Settings settings, Workload workload, Report report, Plot plot)
            throws IOException, InterruptedException {
        if (workload == null) {
            Progress.say("left out: its model is not on this machine");
            return false;
        }
        int[] connections =
                workload.name().equals("half-plus-two")
                        ? new int[] {1, 2, 4, 8, 16, 32}
                        : new int[] {1, 2, 8};
        if (settings.before() != null) {
            try (BuildComparison comparison =
                    new BuildComparison(settings, workload, connections)) {
                comparison.run();
                comparison.report(report);
            }
            return false;
        }
        try (Comparison comparison = new Comparison(settings, workload, connections)) {
            comparison.run();
            comparison.tell(report, plot);
        }
        return true;
    }

    private static String head(Settings settings) {
        return String.format(
                "# Load: %s UTC, %d processors, Java %s%n%n%d rounds of %s s each, in turn.%n%n",
                LocalDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MINUTES),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.version"),
                settings.rounds(),
                Report.number(settings.seconds()));
    }
}
