package io.bactrian.preprocess.audio;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import java.math.BigInteger;

/**
 * A change of the sample rate by a polyphase filter, with the results of {@code
 * scipy.signal.resample_poly} and its default window, a Kaiser window of β = 5.
 */
public final class Resampler {

    private static final double BETA = 5;

    /** The zero crossings of the filter on each side of its center. */
    private static final int HALF_WIDTH = 10;

    /** How many products are summed between two looks at the clock. */
    private static final int PART = 1 << 20;

    private final int up;
    private final int down;

    /**
     * @param from the rate of the samples, at least 1
     * @param to the rate that is wanted, at least 1
     */
    public Resampler(int from, int to) {
        int divisor = BigInteger.valueOf(from).gcd(BigInteger.valueOf(to)).intValueExact();
        this.up = to / divisor;
        this.down = from / divisor;
    }

    /**
     * {@return how many samples become of a number of samples}
     *
     * @param samples the number of samples
     */
    public long length(long samples) {
        return ceilDiv(samples * up, down);
    }

    private static long ceilDiv(long dividend, long divisor) {
        return -Math.floorDiv(-dividend, divisor);
    }

    /**
     * {@return the most bytes that {@link #resample} allocates, the result included}
     *
     * @param samples the number of samples
     */
    public long workBytes(long samples) {
        return up == down ? 0 : length(samples) * Float.BYTES + (halfLength() + 1L) * Double.BYTES;
    }

    private int halfLength() {
        return HALF_WIDTH * Math.max(up, down);
    }

    /**
     * {@return the samples at the other rate; the same array if the rates are equal}
     *
     * @param samples the samples at the rate that they have
     * @param deadline checked between parts
     * @throws DeadlineExceededException if the deadline passed
     */
    public float[] resample(float[] samples, Deadline deadline) {
        if (up == down) {
            return samples;
        }
        int half = halfLength();
        check(deadline);
        double[] filter = filter(half);
        float[] resampled = new float[Math.toIntExact(length(samples.length))];
        int work = 0;
        for (int i = 0; i < resampled.length; i++) {
            long center = (long) i * down;
            int first = (int) Math.max(0, ceilDiv(center - half, up));
            int last = (int) Math.min(samples.length - 1L, (center + half) / up);
            double sum = 0;
            for (int k = first; k <= last; k++) {
                sum += filter[(int) Math.abs(center - (long) k * up)] * samples[k];
            }
            resampled[i] = (float) sum;
            work += last - first + 1;
            if (work > PART) {
                check(deadline);
                work = 0;
            }
        }
        return resampled;
    }

    private static void check(Deadline deadline) {
        if (deadline.isPassed()) {
            throw new DeadlineExceededException("deadline exceeded while resampling the audio");
        }
    }

    /** {@return the filter from its center on: it is symmetric} */
    private double[] filter(int half) {
        double cutoff = 1.0 / Math.max(up, down);
        double[] filter = new double[half + 1];
        double sum = 0;
        for (int i = 0; i <= half; i++) {
            double angle = Math.PI * cutoff * i;
            double sinc = i == 0 ? 1 : Math.sin(angle) / angle;
            double x = (double) i / half;
            filter[i] = cutoff * sinc * bessel(BETA * Math.sqrt(1 - x * x));
            sum += i == 0 ? filter[i] : 2 * filter[i];
        }
        for (int i = 0; i <= half; i++) {
            filter[i] *= up / sum;
        }
        return filter;
    }

    /** {@return the modified Bessel function of the first kind of order 0, by its series} */
    private static double bessel(double x) {
        double quarter = x * x / 4;
        double term = 1;
        double sum = 1;
        for (int k = 1; term > sum * 1e-17; k++) {
            term *= quarter / ((double) k * k);
            sum += term;
        }
        return sum;
    }
}
