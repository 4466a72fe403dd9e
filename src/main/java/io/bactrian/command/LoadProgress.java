package io.bactrian.command;

import io.bactrian.model.LoadListener;
import io.bactrian.model.LoadResult;
import java.io.PrintStream;

/** Progress lines for the load of each model: one when it begins and one when it ends. */
final class LoadProgress implements LoadListener {

    private static final double MILLIS = 1000;

    private final PrintStream out;

    LoadProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void loading(String name, long version) {
        print(String.format("loading %s version %d", name, version));
    }

    @Override
    public void loaded(LoadResult.Loaded result) {
        print(
                String.format(
                        "loaded %s version %d in %.1f s",
                        result.name(), result.version(), seconds(result)));
    }

    @Override
    public void failed(LoadResult.Failed result) {
        print(
                String.format(
                        "failed to load %s version %d after %.1f s: %s",
                        result.name(), result.version(), seconds(result), result.message()));
    }

    private static double seconds(LoadResult result) {
        return result.duration().toMillis() / MILLIS;
    }

    /** Flushes each line: nothing buffered is printed when the system kills the process. */
    private void print(String line) {
        out.println(line);
        out.flush();
    }
}
