package io.bactrian;

import io.bactrian.command.BactrianCommand;
import io.bactrian.command.Server;
import java.util.Arrays;
import java.util.List;

/**
 * The main class of the distribution.
 *
 * <p>{@code serve} starts without the command line parser, whose classes would delay it by a third
 * of a second.
 */
public final class Bactrian {

    private static final List<String> SERVE = List.of("serve");

    private Bactrian() {}

    /**
     * Runs a command, and exits with its code unless that is 0.
     *
     * @param args a command and its arguments; none means {@code serve}
     */
    public static void main(String[] args) {
        boolean serves = args.length == 0 || Arrays.asList(args).equals(SERVE);
        int exitCode =
                serves
                        ? Server.run(System.out, System.err)
                        : BactrianCommand.run(args, System.out, System.err);
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }
}
