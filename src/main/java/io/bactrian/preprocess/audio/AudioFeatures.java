package io.bactrian.preprocess.audio;

import java.util.Locale;

/** What a model takes of a sound. */
public enum AudioFeatures {
    /** Its samples. */
    WAVEFORM,
    /** Frames of its samples, without a window. */
    FRAMES,
    /** The magnitude of each frequency in each frame. */
    SPECTROGRAM,
    /** The spectrogram in the bands of the mel scale. */
    MEL,
    /** The logarithm of that. */
    LOG_MEL,
    /** Mel-frequency cepstral coefficients. */
    MFCC;

    /** {@return whether it is made of a spectrogram in the bands of the mel scale} */
    public boolean hasBands() {
        return compareTo(MEL) >= 0;
    }

    /** {@return whether it is made of frames} */
    public boolean hasFrames() {
        return this != WAVEFORM;
    }

    /** {@return the name in lower case} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
