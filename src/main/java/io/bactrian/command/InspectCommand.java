package io.bactrian.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.bactrian.command.Inspection.Model;
import io.bactrian.command.Inspection.Version;
import io.bactrian.container.ContainerConfig;
import io.bactrian.model.LoadedModel;
import io.bactrian.model.ModelDirectory;
import io.bactrian.model.ModelLoadException;
import io.bactrian.model.ModelLoader;
import io.bactrian.model.ModelVersions;
import io.bactrian.model.OperationLibrary;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code inspect}: the inputs and outputs of a folder's SavedModels, and whether they run here. */
@Command(
        name = "inspect",
        description = {
            "Show a folder's SavedModels: versions, signatures, dtypes, shapes, and whether they can"
                    + " be run here.",
            "The folder may be a SavedModel, or hold versions or several models. It is only read."
        },
        exitCodeList = {
            "0:every model can be served",
            "1:a model can't be served, or there is none",
            "2:the command line is wrong",
        })
final class InspectCommand implements Callable<Integer> {

    private static final ObjectWriter JSON = new ObjectMapper().writerWithDefaultPrettyPrinter();

    @Spec private CommandSpec spec;

    @Option(
            names = "--json",
            description = "Print JSON, whose structure docs/command-line.md describes.")
    private boolean json;

    @Option(
            names = "--optimize",
            description = "Try whether optimizing pays, as serve does, and show the times.")
    private boolean optimize;

    @Parameters(paramLabel = "MODEL_DIR", description = "The folder.")
    private Path directory;

    @Override
    public Integer call() throws JsonProcessingException {
        ModelDirectory content = ModelDirectory.read(directory);
        if (content.models().isEmpty()) {
            throw ModelLoadException.noneIn(directory);
        }
        ContainerConfig.opLibraries(System.getenv()).forEach(OperationLibrary::load);
        PrintWriter out = spec.commandLine().getOut();
        InspectionText text = new InspectionText(out);
        List<Model> models = new ArrayList<>();
        for (ModelVersions files : content.models()) {
            Model model = inspect(files);
            models.add(model);
            // At once, since loading the next one may take a while.
            if (!json) {
                text.print(model);
            }
        }
        Inspection inspection =
                new Inspection(
                        ProductVersion.get(), directory.toString(), models, content.warnings());
        if (json) {
            out.println(JSON.writeValueAsString(inspection));
        } else {
            content.warnings().forEach(text::printWarning);
        }
        return inspection.isServable() ? ExitCode.OK : ExitCode.FAILURE;
    }

    private Model inspect(ModelVersions files) {
        List<Version> versions = new ArrayList<>();
        for (Map.Entry<Long, Path> entry : files.versions().entrySet()) {
            long number = entry.getKey();
            boolean served = files.problem() == null && number == files.latest();
            try (LoadedModel model =
                    ModelLoader.inspect(files.name(), number, entry.getValue(), optimize)) {
                versions.add(Version.of(model, served));
            } catch (ModelLoadException e) {
                versions.add(Version.broken(number, entry.getValue(), e.getMessage()));
            }
        }
        return new Model(files.name(), files.problem(), versions);
    }
}
