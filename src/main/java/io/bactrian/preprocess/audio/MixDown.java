package io.bactrian.preprocess.audio;

import java.util.Locale;

/** How several channels become one. */
public enum MixDown {
    /** The mean of all channels. */
    MEAN,
    /** The first channel alone, as {@code tf.audio.decode_wav} with one desired channel. */
    FIRST;

    /** {@return the name in lower case} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
