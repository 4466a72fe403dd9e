package io.bactrian.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code serve} as the help and the completion script know it; {@link Server} does the work. */
@Command(
        name = "serve",
        description = {
            "Serve the models over HTTP. SageMaker calls this command, which is the default.",
            "It runs until SIGTERM, then finishes the requests in flight."
        })
final class ServeCommand implements Callable<Integer> {

    /** Reached only from a command line that {@link io.bactrian.Bactrian} does not recognize. */
    @Override
    public Integer call() {
        return Server.run(System.out, System.err);
    }
}
