package io.bactrian.preprocess.audio;

import org.jspecify.annotations.Nullable;

/** The energies of a frame in the bands of the mel scale, or their logarithms. */
public final class MelSpectrum implements FrameTransform {

    private final Spectrum spectrum;
    private final MelFilters filters;
    private final @Nullable Double logOffset;
    private final double[] frequencies;

    /**
     * @param spectrum makes the spectrum that is filtered
     * @param filters the filters, for as many frequencies as it has
     * @param logOffset what is added before the logarithm; null for no logarithm
     */
    public MelSpectrum(Spectrum spectrum, MelFilters filters, @Nullable Double logOffset) {
        this.spectrum = spectrum;
        this.filters = filters;
        this.logOffset = logOffset;
        this.frequencies = new double[spectrum.columns()];
    }

    @Override
    public int columns() {
        return filters.bands();
    }

    @Override
    public void apply(double[] frame, double[] row) {
        spectrum.apply(frame, frequencies);
        filters.apply(frequencies, row);
        if (logOffset != null) {
            for (int i = 0; i < filters.bands(); i++) {
                row[i] = Math.log(row[i] + logOffset);
            }
        }
    }
}
