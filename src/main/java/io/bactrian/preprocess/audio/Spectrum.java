package io.bactrian.preprocess.audio;

/** The magnitudes of a frame's frequencies, {@code abs(tf.signal.stft(…))}, or their squares. */
public final class Spectrum implements FrameTransform {

    /** The longest transform. */
    public static final int MAX_FFT_LENGTH = 1 << 16;

    private final double[] window;
    private final double[] windowed;
    private final FourierTransform transform;
    private final boolean squared;
    private final int columns;

    /**
     * @param frameLength the samples of a frame
     * @param fftLength the samples of a frame with the zeros after them, at least its samples
     * @param window the window
     * @param squared whether magnitudes are squared
     */
    public Spectrum(int frameLength, int fftLength, Window window, boolean squared) {
        this.window = window.factors(frameLength);
        this.windowed = new double[fftLength];
        this.transform = new FourierTransform(fftLength);
        this.squared = squared;
        this.columns = columns(fftLength);
    }

    /**
     * {@return how many frequencies a transform has}
     *
     * @param fftLength the samples of a frame with the zeros after them
     */
    public static int columns(int fftLength) {
        return fftLength / 2 + 1;
    }

    /**
     * {@return the bytes of an object for a transform of a length}
     *
     * @param fftLength the samples of a frame with the zeros after them
     */
    public static long bytes(int fftLength) {
        return FourierTransform.bytes(fftLength) + 4L * Double.BYTES * fftLength;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public void apply(double[] frame, double[] row) {
        for (int i = 0; i < window.length; i++) {
            windowed[i] = frame[i] * window[i];
        }
        transform.power(windowed, row);
        if (!squared) {
            for (int i = 0; i < columns; i++) {
                row[i] = Math.sqrt(row[i]);
            }
        }
    }
}
