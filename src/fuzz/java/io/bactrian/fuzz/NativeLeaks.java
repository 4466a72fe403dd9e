package io.bactrian.fuzz;

import org.bytedeco.javacpp.Pointer;

/** Watches the number of native objects, which reading must leave as it was. */
public final class NativeLeaks {

    /** Runs in which what lasts for ever, such as graphs of operations, is made. */
    private static final int WARM_UP = 500;

    /** More than can be under way at once. */
    private static final int TOLERANCE = 20;

    private int runs;
    private long baseline;

    /** To be called after each run; fails once objects have piled up. */
    public void check() {
        long now = Pointer.totalCount();
        runs++;
        if (runs <= WARM_UP) {
            baseline = now;
        } else if (now > baseline + TOLERANCE) {
            throw new IllegalStateException(now - baseline + " native objects were not released");
        }
    }
}
