package io.bactrian.command;

import io.bactrian.cases.CaseException;
import io.bactrian.model.ModelLoadException;
import io.bactrian.route.ConfigurationException;
import io.bactrian.route.FailureReason;
import java.io.PrintWriter;
import org.slf4j.LoggerFactory;

/** The line on standard error that says why a command failed. */
final class FailureMessage {

    private FailureMessage() {}

    /**
     * Prints why a command failed. A stack trace is logged at DEBUG only.
     *
     * @return the exit code
     */
    static int print(Exception failure, PrintWriter err) {
        boolean expected =
                failure instanceof ConfigurationException
                        || failure instanceof ModelLoadException
                        || failure instanceof CaseException;
        if (!expected) {
            LoggerFactory.getLogger(FailureMessage.class).debug("the command failed", failure);
        }
        err.println("bactrian: " + (expected ? failure.getMessage() : FailureReason.of(failure)));
        return ExitCode.FAILURE;
    }
}
