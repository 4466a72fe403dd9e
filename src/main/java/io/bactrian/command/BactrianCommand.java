package io.bactrian.command;

import io.bactrian.container.SettingsReference;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ScopeType;

/**
 * The command {@code bactrian}: the list of its commands, and what they have in common.
 *
 * <p>To add a command, write a class with picocli's {@link Command} that implements {@code
 * Callable<Integer>}, whose result is the exit code, and add it to {@link Command#subcommands}. An
 * exception that it throws is reported in one line, with exit code 1.
 */
@Command(
        name = "bactrian",
        subcommands = {
            ServeCommand.class,
            InspectCommand.class,
            InitCommand.class,
            TestCommand.class,
            ValidateCommand.class,
            HelpCommand.class,
            GenerateCompletion.class,
        },
        description = "Serves TensorFlow SavedModels with their pre- and post-processing.",
        mixinStandardHelpOptions = true,
        versionProvider = BactrianCommand.Version.class,
        usageHelpWidth = BactrianCommand.WIDTH,
        scope = ScopeType.INHERIT,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:success",
            "1:failure: the server could not start, or the command failed",
            "2:the command line is wrong",
            "143:serve was ended by SIGTERM, after the requests in flight",
        })
public final class BactrianCommand {

    static final int WIDTH = 100;

    /** The line that {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"bactrian " + ProductVersion.get()};
        }
    }

    private BactrianCommand() {}

    /**
     * Runs a command.
     *
     * @param args the command and its arguments
     * @param out where the command's result goes
     * @param err where faults go
     * @return the exit code
     */
    public static int run(String[] args, PrintStream out, PrintStream err) {
        CommandLine commands = commandLine();
        commands.setOut(writer(out));
        commands.setErr(writer(err));
        return commands.execute(args);
    }

    private static CommandLine commandLine() {
        CommandLine commands = new CommandLine(new BactrianCommand());
        // A model directory may begin with @.
        commands.setExpandAtFiles(false);
        commands.setParameterExceptionHandler(new UsageErrorHandler());
        commands.setExecutionExceptionHandler(
                (failure, command, parsed) -> FailureMessage.print(failure, command.getErr()));
        for (CommandLine each : commands.getSubcommands().values()) {
            if (each.getCommandSpec().findOption("--help") == null) {
                each.getCommandSpec().mixinStandardHelpOptions(true);
            }
        }
        String[] settings = settings();
        for (CommandLine each : List.of(commands, commands.getSubcommands().get("serve"))) {
            each.getCommandSpec().usageMessage().footer(settings);
        }
        return commands;
    }

    /** {@return the settings as a format string of lines} */
    private static String[] settings() {
        String text = "\nserve reads these environment variables:\n" + SettingsReference.help();
        return text.replace("%", "%%").split("\n");
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, Charset.defaultCharset());
    }
}
