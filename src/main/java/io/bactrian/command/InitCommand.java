package io.bactrian.command;

import io.bactrian.container.ContainerConfig;
import io.bactrian.model.ModelDirectory;
import io.bactrian.model.ModelLoadException;
import io.bactrian.model.ModelVersions;
import io.bactrian.model.OperationLibrary;
import io.bactrian.route.ConfigurationException;
import io.bactrian.scaffold.ModelScaffold;
import io.bactrian.scaffold.RouteScaffold;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code init}: a first route file for each of a folder's models that has none. */
@Command(
        name = "init",
        description = {
            "Write a first route file for each of a folder's models that has none:"
                    + " code/NAME.camel.yaml beside its versions.",
            "It is guessed from the signature and the graph of the model's highest version. Each"
                    + " guess is a comment in the file. No file is overwritten."
        },
        exitCodeList = {
            "0:every model has a route file, new or from before",
            "1:a model can't be served, there is none, or a file can't be written",
            "2:the command line is wrong",
        })
final class InitCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Option(names = "--stdout", description = "Print the route files, and write none.")
    private boolean stdout;

    @Parameters(paramLabel = "MODEL_DIR", description = "The folder.")
    private Path directory;

    @Override
    public Integer call() {
        ModelDirectory content = ModelDirectory.read(directory);
        if (content.models().isEmpty()) {
            throw ModelLoadException.noneIn(directory);
        }
        ContainerConfig.opLibraries(System.getenv()).forEach(OperationLibrary::load);
        List<RouteScaffold> written = new ArrayList<>();
        boolean failed = false;
        for (ModelVersions model : content.models()) {
            try {
                RouteScaffold route = init(new ModelScaffold(model), model.name());
                if (route != null) {
                    written.add(route);
                }
            } catch (ModelLoadException | ConfigurationException e) {
                spec.commandLine()
                        .getErr()
                        .println("bactrian: model \"" + model.name() + "\": " + e.getMessage());
                failed = true;
            }
        }
        if (!stdout && !written.isEmpty()) {
            printNextSteps(written);
        }
        return failed ? ExitCode.FAILURE : ExitCode.OK;
    }

    /** {@return the model's new route; null if it has one already} */
    private @Nullable RouteScaffold init(ModelScaffold model, String name) {
        PrintWriter out = spec.commandLine().getOut();
        List<Path> existing = model.existing();
        if (!existing.isEmpty()) {
            String message = "model \"" + name + "\" has " + existing.get(0) + " already";
            if (stdout) {
                spec.commandLine().getErr().println(message);
            } else {
                out.println(message);
            }
            return null;
        }
        RouteScaffold route = model.guess();
        if (stdout) {
            out.println("# " + model.target(route));
            out.print(route.yaml());
            out.flush();
        } else {
            model.write(route);
            out.println("wrote " + model.target(route));
        }
        return route;
    }

    private void printNextSteps(List<RouteScaffold> written) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("Look at the guesses in there. Then:");
        out.println("  bactrian validate --models " + shellWord(directory));
        out.println("  BACTRIAN_MODEL_DIR=" + shellWord(directory) + " bactrian serve");
        for (RouteScaffold route : written) {
            out.println("  " + route.sample().curl(route.pipeline()));
        }
    }

    private static String shellWord(Path path) {
        String text = path.toString();
        return text.matches("[\\w./+@%:,=-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
