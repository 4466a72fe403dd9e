package io.bactrian.preprocess.audio;

/**
 * The triangular filters of the mel scale, as {@code tf.signal.linear_to_mel_weight_matrix} makes
 * them.
 */
public final class MelFilters {

    /** The most filters. */
    public static final int MAX_BANDS = 1024;

    private final double[][] weights;

    /** The first frequency of each filter with a weight above 0. */
    private final int[] first;

    /**
     * @param bands the number of filters
     * @param frequencies the number of a spectrum's frequencies, from 0 to half the sample rate
     * @param sampleRate the samples per second
     * @param lowerHertz where the lowest filter starts, at least 0
     * @param upperHertz where the highest filter ends, at most half the sample rate
     */
    public MelFilters(
            int bands, int frequencies, int sampleRate, double lowerHertz, double upperHertz) {
        this.weights = new double[bands][];
        this.first = new int[bands];
        double lowest = mel(lowerHertz);
        double step = (mel(upperHertz) - lowest) / (bands + 1);
        double[] mels = new double[frequencies];
        for (int i = 0; i < frequencies; i++) {
            mels[i] = mel(i * (sampleRate / 2.0) / (frequencies - 1));
        }
        for (int band = 0; band < bands; band++) {
            double start = lowest + band * step;
            // The frequency 0 has no weight.
            int from = 1;
            while (from < frequencies && mels[from] <= start) {
                from++;
            }
            int to = from;
            while (to < frequencies && mels[to] < start + 2 * step) {
                to++;
            }
            first[band] = from;
            weights[band] = new double[to - from];
            for (int i = from; i < to; i++) {
                double rising = (mels[i] - start) / step;
                weights[band][i - from] = Math.max(0, Math.min(rising, 2 - rising));
            }
        }
    }

    private static double mel(double hertz) {
        return 1127 * Math.log(1 + hertz / 700);
    }

    /** {@return the number of filters} */
    public int bands() {
        return weights.length;
    }

    /** Sums what each filter lets through. */
    void apply(double[] spectrum, double[] row) {
        for (int band = 0; band < weights.length; band++) {
            double sum = 0;
            for (int i = 0; i < weights[band].length; i++) {
                sum += weights[band][i] * spectrum[first[band] + i];
            }
            row[band] = sum;
        }
    }
}
