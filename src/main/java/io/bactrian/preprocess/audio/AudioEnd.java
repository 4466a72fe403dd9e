package io.bactrian.preprocess.audio;

import java.util.Arrays;
import java.util.Locale;

/** The end of a sound at which samples are cut off, or zeros added. */
public enum AudioEnd {
    /** Before the first sample. */
    START,
    /** After the last sample. */
    END;

    /**
     * {@return samples of a fixed length}
     *
     * @param samples any number of samples
     * @param length how many are wanted
     * @param cut where those too many are cut off
     * @param pad where zeros are added for those missing
     */
    public static float[] fit(float[] samples, int length, AudioEnd cut, AudioEnd pad) {
        if (samples.length >= length) {
            int first = cut == END ? 0 : samples.length - length;
            return Arrays.copyOfRange(samples, first, first + length);
        }
        float[] padded = new float[length];
        int at = pad == END ? 0 : length - samples.length;
        System.arraycopy(samples, 0, padded, at, samples.length);
        return padded;
    }

    /** {@return the name in lower case} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
