package io.bactrian.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.bactrian.cases.CaseResult;
import io.bactrian.cases.GoldenCase;
import io.bactrian.cases.GoldenCases;
import io.bactrian.container.ContainerConfig;
import io.bactrian.route.ConfigurationException;
import io.bactrian.route.LoadFault;
import io.bactrian.route.RouteCoverage;
import io.bactrian.serving.BundledCases;
import io.bactrian.serving.LocalPipelines;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code test}: golden cases sent to the pipelines of a folder's models, without a server. */
@Command(
        name = "test",
        description = {
            "Send the requests of golden cases to the pipelines of a folder's models, and compare the"
                    + " answers with the expected ones.",
            "Models and pipelines are loaded as serve loads them, by the same settings. A case is"
                    + " NAME.request.EXT with the request's body, NAME.expected.EXT with the answer's, and"
                    + " NAME.case.yaml with what else there is to say of them: see docs/testing.md.",
            "Steps of the routes that no case has run are listed, with their lines."
        },
        exitCodeList = {
            "0:every case passes",
            "1:a case fails, there is none, or nothing can be served",
            "2:the command line is wrong",
        })
final class TestCommand implements Callable<Integer> {

    private static final ObjectWriter JSON = new ObjectMapper().writerWithDefaultPrettyPrinter();

    @Spec private CommandSpec spec;

    @Option(
            names = "--routes",
            paramLabel = "DIR",
            description = "The folder with the pipelines; by default BACTRIAN_ROUTES_DIR.")
    private @Nullable Path routes;

    @Option(
            names = "--update",
            description =
                    "Record the answers' bodies as the expected ones. An answer with another status"
                            + " than the expected one is not recorded.")
    private boolean update;

    @Option(
            names = "--json",
            description = "Print JSON, whose structure docs/command-line.md describes.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "MODEL_DIR", description = "The folder with the models.")
    private Path models;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "CASES_DIR",
            description =
                    "The folder with the cases; by default code/cases of the models, and cases of the"
                            + " pipelines' folder.")
    private @Nullable Path cases;

    /**
     * What {@code --json} prints.
     *
     * @param bactrian the version
     * @param passed how many cases passed
     * @param failed how many failed
     * @param cases the cases
     * @param steps the steps of the routes, and how often each has run
     */
    private record Report(
            String bactrian,
            long passed,
            long failed,
            List<Line> cases,
            List<RouteCoverage.Step> steps) {}

    /**
     * @param name the case
     * @param passed whether its answer is the expected one
     * @param status the status of the answer
     * @param milliseconds how long the answer took
     * @param differences from the expected answer
     * @param recorded the file to which the answer was written, or null
     */
    private record Line(
            String name,
            boolean passed,
            int status,
            double milliseconds,
            List<String> differences,
            @Nullable String recorded) {

        static Line of(CaseResult result) {
            Path recorded = result.updated();
            return new Line(
                    result.name(),
                    result.isPassed(),
                    result.answer().status(),
                    millisecondsOf(result),
                    result.differences(),
                    recorded == null ? null : recorded.toString());
        }
    }

    @Override
    public Integer call() throws JsonProcessingException {
        Map<String, String> environment = LocalSettings.of(models);
        if (routes != null) {
            environment.put("BACTRIAN_ROUTES_DIR", LocalSettings.existing(routes).toString());
        }
        // Before the models are loaded, which may take long.
        List<GoldenCase> named = cases == null ? null : GoldenCases.atLeastOneIn(cases, null);
        ContainerConfig config = ContainerConfig.of(environment);
        RouteCoverage coverage = new RouteCoverage();
        try (LocalPipelines pipelines = new LocalPipelines(config.serving())) {
            pipelines.contexts().customize(coverage::observe);
            pipelines.load();
            for (LoadFault fault : pipelines.loaded().faults()) {
                spec.commandLine().getErr().println("bactrian: " + fault);
            }
            return run(named == null ? bundled(pipelines) : named, pipelines, coverage);
        }
    }

    private int run(List<GoldenCase> all, LocalPipelines pipelines, RouteCoverage coverage)
            throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        List<CaseResult> results = new ArrayList<>();
        for (GoldenCase each : all) {
            CaseResult result = update ? each.update(pipelines) : each.run(pipelines);
            results.add(result);
            if (!json) {
                print(result, out);
            }
        }
        long passed = results.stream().filter(CaseResult::isPassed).count();
        long failed = results.size() - passed;
        if (json) {
            List<Line> lines = results.stream().map(Line::of).toList();
            out.println(
                    JSON.writeValueAsString(
                            new Report(
                                    ProductVersion.get(),
                                    passed,
                                    failed,
                                    lines,
                                    coverage.steps())));
        } else {
            if (!coverage.missed().isEmpty()) {
                out.print(coverage);
            }
            out.printf("%d passed, %d failed%n", passed, failed);
        }
        return failed == 0 ? ExitCode.OK : ExitCode.FAILURE;
    }

    private List<GoldenCase> bundled(LocalPipelines pipelines) {
        List<GoldenCase> found = new BundledCases(pipelines).all();
        if (found.isEmpty()) {
            throw new ConfigurationException(
                    "there are no golden cases in code/cases of the models in "
                            + models
                            + ": name a folder, as in bactrian test MODEL_DIR CASES_DIR");
        }
        return found;
    }

    private static void print(CaseResult result, PrintWriter out) {
        String word = !result.isPassed() ? "FAIL" : result.updated() != null ? "new" : "ok";
        out.printf("%-4s  %s  (%.0f ms)%n", word, result.name(), millisecondsOf(result));
        result.differences().forEach(difference -> out.println("      " + difference));
        if (result.updated() != null) {
            out.println("      recorded in " + result.updated());
        }
    }

    private static double millisecondsOf(CaseResult result) {
        return Math.round(result.duration().toNanos() / 1e5) / 10.0;
    }
}
