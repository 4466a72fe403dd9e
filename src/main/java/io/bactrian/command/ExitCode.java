package io.bactrian.command;

/** The exit codes of the process. */
final class ExitCode {

    static final int OK = 0;

    /** What was asked for failed, such as starting the server. */
    static final int FAILURE = 1;

    /** The command line is wrong. */
    static final int USAGE = 2;

    /** SIGTERM ended the process: 128 and the signal's number, as shells report it. */
    static final int TERMINATED = 143;

    private ExitCode() {}
}
