package io.bactrian.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.bactrian.validation.RouteFault;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code validate}: what is wrong with route files, by file and line. */
@Command(
        name = "validate",
        description = {
            "Check route files, and print each fault with its file, line and column.",
            "Checked are the YAML, Camel's schema, beans with their properties, and whether"
                    + " components, data formats and languages are there. With --models, the models"
                    + " are loaded as well, as serve does, and inputs and outputs are checked against"
                    + " their signatures."
        },
        exitCodeList = {
            "0:there is no fault",
            "1:there is a fault, or a file or model can't be read",
            "2:the command line is wrong",
        })
final class ValidateCommand implements Callable<Integer> {

    private static final ObjectWriter JSON = new ObjectMapper().writerWithDefaultPrettyPrinter();

    @Spec private CommandSpec spec;

    @Option(
            names = "--models",
            paramLabel = "MODEL_DIR",
            description =
                    "The folder with the models. Without FILE, the pipelines in the models' code"
                            + " folders are checked, or else those of BACTRIAN_ROUTES_DIR.")
    private @Nullable Path models;

    @Option(
            names = "--json",
            description = "Print JSON, whose structure docs/command-line.md describes.")
    private boolean json;

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE",
            description = "A route file, or a folder with some.")
    private List<Path> files = List.of();

    /**
     * What {@code --json} prints.
     *
     * @param bactrian the version
     * @param files the files that were checked
     * @param faults those of the files, by file and position
     * @param others what is wrong besides, in sentences
     * @param warnings what looks like a mistake, in sentences
     */
    private record Report(
            String bactrian,
            List<String> files,
            List<Line> faults,
            List<String> others,
            List<String> warnings) {}

    private record Line(String file, int line, int column, String message) {

        static Line of(RouteFault fault) {
            return new Line(fault.file().toString(), fault.line(), fault.column(), fault.message());
        }
    }

    @Override
    public Integer call() throws JsonProcessingException {
        if (models == null && files.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "name route files, or the models with --models");
        }
        Validation validation = new Validation();
        files.forEach(validation::add);
        Validation.Findings findings = validation.run(models);
        if (json) {
            print(findings);
        } else {
            printText(findings);
        }
        return findings.isFaultless() ? ExitCode.OK : ExitCode.FAILURE;
    }

    private void print(Validation.Findings findings) throws JsonProcessingException {
        Report report =
                new Report(
                        ProductVersion.get(),
                        findings.files().keySet().stream().map(Path::toString).toList(),
                        findings.files().values().stream()
                                .flatMap(List::stream)
                                .map(Line::of)
                                .toList(),
                        findings.others(),
                        findings.warnings());
        spec.commandLine().getOut().println(JSON.writeValueAsString(report));
    }

    private void printText(Validation.Findings findings) {
        PrintWriter out = spec.commandLine().getOut();
        findings.files()
                .forEach(
                        (file, faults) -> {
                            if (faults.isEmpty()) {
                                out.println("ok  " + file);
                            }
                            faults.forEach(out::println);
                        });
        findings.others().forEach(out::println);
        findings.warnings().forEach(warning -> out.println("warning: " + warning));
        long faults =
                findings.files().values().stream().mapToLong(List::size).sum()
                        + findings.others().size();
        out.printf(
                "%d file%s, %d fault%s%n",
                findings.files().size(),
                findings.files().size() == 1 ? "" : "s",
                faults,
                faults == 1 ? "" : "s");
    }
}
