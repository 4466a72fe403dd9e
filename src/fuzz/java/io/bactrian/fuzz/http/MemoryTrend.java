package io.bactrian.fuzz.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Samples of the memory in use over time, and whether it grew once the server was warm. */
final class MemoryTrend {

    /** The share of the samples, from the first on, that is warm-up. */
    private static final double WARM_UP = 0.25;

    /** Growth from the first to the last third of the rest that is no growth yet. */
    private static final double NOISE = 0.05;

    private static final long NOISE_KIBIBYTES = 32 * 1024;

    private record Sample(double seconds, long kibibytes) {}

    private final List<Sample> samples = new ArrayList<>();

    void add(double seconds, long kibibytes) {
        samples.add(new Sample(seconds, kibibytes));
    }

    private List<Sample> warm() {
        return samples.subList((int) (samples.size() * WARM_UP), samples.size());
    }

    /** {@return the slope of the least-squares line through the warm samples, in MiB an hour} */
    double mebibytesPerHour() {
        List<Sample> warm = warm();
        double meanTime = warm.stream().mapToDouble(Sample::seconds).average().orElse(0);
        double meanSize = warm.stream().mapToLong(Sample::kibibytes).average().orElse(0);
        double above = 0;
        double below = 0;
        for (Sample sample : warm) {
            above += (sample.seconds() - meanTime) * (sample.kibibytes() - meanSize);
            below += (sample.seconds() - meanTime) * (sample.seconds() - meanTime);
        }
        return below == 0 ? 0 : above / below * 3600 / 1024;
    }

    /** {@return whether the last third of the warm samples is clearly above the first} */
    boolean grew() {
        List<Sample> warm = warm();
        int third = warm.size() / 3;
        if (third == 0) {
            return false;
        }
        double first = mean(warm.subList(0, third));
        double last = mean(warm.subList(warm.size() - third, warm.size()));
        return last > first * (1 + NOISE) + NOISE_KIBIBYTES;
    }

    private static double mean(List<Sample> some) {
        return some.stream().mapToLong(Sample::kibibytes).average().orElse(0);
    }

    @Override
    public String toString() {
        if (samples.isEmpty()) {
            return "no samples";
        }
        List<Sample> warm = warm();
        int third = Math.max(1, warm.size() / 3);
        return String.format(
                Locale.ROOT,
                "%,.0f MiB after the start; warm: %,.0f MiB in the first third, %,.0f MiB in the"
                        + " last, at most %,.0f MiB, slope %+.1f MiB an hour, %d samples",
                samples.get(0).kibibytes() / 1024.0,
                mean(warm.subList(0, third)) / 1024,
                mean(warm.subList(warm.size() - third, warm.size())) / 1024,
                samples.stream().mapToLong(Sample::kibibytes).max().orElse(0) / 1024.0,
                mebibytesPerHour(),
                samples.size());
    }
}
