package io.bactrian.command;

import io.bactrian.route.SimilarNames;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The report on a wrong command line: what is wrong, a suggestion for a misspelled command or
 * option, and where to find help.
 */
final class UsageErrorHandler implements IParameterExceptionHandler {

    private static final String USAGE = "Usage: ";

    @Override
    public int handleParseException(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        CommandSpec spec = command.getCommandSpec();
        PrintWriter err = command.getErr();
        err.println("bactrian: " + message(failure));
        err.print(USAGE);
        err.print(command.getHelp().synopsis(USAGE.length()));
        err.println("Try '" + spec.qualifiedName() + " --help'.");
        err.flush();
        return ExitCode.USAGE;
    }

    private static String message(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        if (failure instanceof UnmatchedArgumentException unmatched) {
            return unexpected(unmatched.getUnmatched().get(0), command);
        }
        if (failure.getArgSpec() == null && failure.getValue() != null) {
            // From the help command.
            return unexpected(failure.getValue(), command);
        }
        String message = String.valueOf(failure.getMessage());
        return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    }

    private static String unexpected(String argument, CommandLine command) {
        if (argument.startsWith("-")) {
            Collection<String> options = command.getCommandSpec().optionsMap().keySet();
            return unknown("option", argument, options);
        }
        Collection<String> commands = command.getSubcommands().keySet();
        return commands.isEmpty()
                ? "unexpected argument '" + argument + "'"
                : unknown("command", argument, commands);
    }

    private static String unknown(String kind, String argument, Collection<String> known) {
        return SimilarNames.withSuggestion(
                "unknown " + kind + " '" + argument + "'", SimilarNames.of(argument, known));
    }
}
