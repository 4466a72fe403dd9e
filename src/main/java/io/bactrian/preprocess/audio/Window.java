package io.bactrian.preprocess.audio;

import java.util.Locale;

/** A window of {@code tf.signal}, periodic as {@code tf.signal.stft} has it. */
public enum Window {
    /** {@code tf.signal.hann_window}. */
    HANN(0.5, 0.5),
    /** {@code tf.signal.hamming_window}. */
    HAMMING(0.54, 0.46),
    /** All ones, as with {@code window_fn=None}. */
    NONE(1, 0);

    private final double offset;
    private final double amplitude;

    Window(double offset, double amplitude) {
        this.offset = offset;
        this.amplitude = amplitude;
    }

    /** {@return the factors of a frame's samples} */
    double[] factors(int length) {
        // As in TensorFlow, a window of odd length is symmetric in spite of its name.
        int period = length % 2 == 0 ? length : length - 1;
        double[] factors = new double[length];
        for (int i = 0; i < length; i++) {
            factors[i] = length == 1 ? 1 : offset - amplitude * Math.cos(2 * Math.PI * i / period);
        }
        return factors;
    }

    /** {@return the name in lower case} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
