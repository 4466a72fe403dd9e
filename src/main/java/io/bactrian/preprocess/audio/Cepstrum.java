package io.bactrian.preprocess.audio;

/**
 * The first mel-frequency cepstral coefficients of a frame, as {@code
 * tf.signal.mfccs_from_log_mel_spectrograms} makes them: a cosine transform of the logarithms.
 */
public final class Cepstrum implements FrameTransform {

    private final MelSpectrum logMel;
    private final double[] bands;
    private final int coefficients;

    /** One period of the cosine in steps of a quarter of the period of the first coefficient. */
    private final double[] cosines;

    /**
     * @param logMel makes the logarithms of the mel spectrum
     * @param coefficients how many are kept, at most as many as it has bands
     */
    public Cepstrum(MelSpectrum logMel, int coefficients) {
        this.logMel = logMel;
        this.bands = new double[logMel.columns()];
        this.coefficients = coefficients;
        this.cosines = new double[4 * bands.length];
        for (int i = 0; i < cosines.length; i++) {
            cosines[i] = Math.cos(2 * Math.PI * i / cosines.length) * Math.sqrt(2.0 / bands.length);
        }
    }

    @Override
    public int columns() {
        return coefficients;
    }

    @Override
    public void apply(double[] frame, double[] row) {
        logMel.apply(frame, bands);
        for (int k = 0; k < coefficients; k++) {
            double sum = 0;
            for (int n = 0; n < bands.length; n++) {
                sum += bands[n] * cosines[k * (2 * n + 1) % cosines.length];
            }
            row[k] = sum;
        }
    }
}
