package io.bactrian.preprocess.audio;

/**
 * The frames of a sound, as {@code tf.signal.frame} cuts them.
 *
 * @param length the samples of a frame
 * @param step the samples from the start of a frame to that of the next
 * @param padEnd whether there is a frame at every step, filled with zeros after the last sample
 */
public record Framing(int length, int step, boolean padEnd) {

    /**
     * {@return the number of frames, 0 for samples that fill none}
     *
     * @param samples the number of samples
     */
    public long frames(long samples) {
        if (padEnd) {
            return (samples + step - 1) / step;
        }
        return samples < length ? 0 : 1 + (samples - length) / step;
    }

    /**
     * {@return the least number of samples that has as many frames}
     *
     * @param frames the number of frames, 1 or more
     */
    public long samples(long frames) {
        return padEnd ? (frames - 1) * step + 1 : (frames - 1) * step + length;
    }

    /**
     * Copies a frame of samples, multiplied by a factor.
     *
     * @param samples the samples of the sound
     * @param index the index of the frame
     * @param frame the first elements are set, one for each sample of the frame
     * @param factor what each sample is multiplied by
     */
    public void copy(float[] samples, int index, double[] frame, double factor) {
        int start = index * step;
        for (int i = 0; i < length; i++) {
            int at = start + i;
            frame[i] = at < samples.length ? samples[at] * factor : 0;
        }
    }
}
