package io.bactrian.model;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The result of an attempt to optimize a model.
 *
 * @param applied whether the model runs the optimized graph
 * @param reason why it does not; null if it does
 * @param runTimes the times that were compared; null if it did not come to that
 */
public record Optimization(boolean applied, @Nullable String reason, @Nullable RunTimes runTimes) {

    /** The result for a graph without variables, which needs no optimization. */
    static final Optimization NO_VARIABLES = rejected("it reads no variables");

    /**
     * The times of a run, summed over the signatures.
     *
     * @param originalMillis of the graph as it was saved, in milliseconds
     * @param optimizedMillis of the optimized graph
     */
    public record RunTimes(double originalMillis, double optimizedMillis) {

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "a run of the frozen graph takes %.3f ms instead of %.3f",
                    optimizedMillis,
                    originalMillis);
        }
    }

    static Optimization rejected(String reason) {
        return new Optimization(false, reason, null);
    }

    static Optimization tooSlow(RunTimes runTimes) {
        return new Optimization(false, runTimes.toString(), runTimes);
    }

    static Optimization applied(RunTimes runTimes) {
        return new Optimization(true, null, runTimes);
    }

    /** {@return such as {@code not optimized: it reads no variables}} */
    public String describe() {
        return applied ? "optimized: " + runTimes : "not optimized: " + reason;
    }
}
