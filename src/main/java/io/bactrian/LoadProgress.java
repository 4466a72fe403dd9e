package io.bactrian;

import io.bactrian.model.LoadListener;
import java.io.PrintStream;
import java.time.Duration;

/** A line as the load of each model begins and one as it ends: a large model takes a while. */
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

    /** At once: a process that the system kills prints nothing more. */
    private void print(String line) {
        out.println(line);
        out.flush();
    }
}
