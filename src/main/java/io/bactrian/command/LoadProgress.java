package io.bactrian.command;

import io.bactrian.model.LoadListener;
import java.io.PrintStream;
import java.time.Duration;

/** Progress lines for the load of each model: one when it begins and one when it ends. */
final class LoadProgress implements LoadListener {

    private static final double MILLIS = 1000;

    private final PrintStream out;

    LoadProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void begins(String name, long version) {
        print(String.format("loading %s version %d", name, version));
    }

    @Override
    public void ends(String name, long version, Duration took) {
        print(
                String.format(
                        "loaded %s version %d in %.1f s", name, version, took.toMillis() / MILLIS));
    }

    @Override
    public void fails(String name, long version, Duration took, String reason) {
        print(
                String.format(
                        "failed to load %s version %d after %.1f s: %s",
                        name, version, took.toMillis() / MILLIS, reason));
    }

    /** Flushes each line: nothing buffered is printed when the system kills the process. */
    private void print(String line) {
        out.println(line);
        out.flush();
    }
}
