package io.bactrian.preprocess.audio;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.tensor.BadInputException;
import org.jspecify.annotations.Nullable;

/**
 * The samples that a model takes of a sound: one channel, at a rate, of a length.
 *
 * @param rate the samples per second; null for those that each sound has
 * @param mixDown how several channels become one
 * @param length the samples of every sound, after resampling; null for those that it has
 * @param cut where the samples of a longer sound are cut off
 * @param pad where zeros are added to a shorter one
 */
public record Sampling(
        @Nullable Integer rate,
        MixDown mixDown,
        @Nullable Integer length,
        AudioEnd cut,
        AudioEnd pad) {

    /** {@return how many samples are made of a sound} */
    long length(EncodedAudio audio) {
        return length == null ? resampler(audio).length(audio.length()) : length;
    }

    /** {@return the most bytes that {@link #samples} allocates, the result included} */
    long workBytes(EncodedAudio audio) {
        return audio.decodingBytes()
                + resampler(audio).workBytes(audio.length())
                + (length == null ? 0 : (long) length * Float.BYTES);
    }

    /**
     * {@return the samples of a sound, from -1 to 1 at full amplitude}
     *
     * @throws BadInputException if it can't be decoded
     * @throws DeadlineExceededException if the deadline passed
     */
    float[] samples(EncodedAudio audio, Deadline deadline) {
        float[] samples = resampler(audio).resample(audio.mono(mixDown, deadline), deadline);
        return length == null ? samples : AudioEnd.fit(samples, length, cut, pad);
    }

    private Resampler resampler(EncodedAudio audio) {
        return new Resampler(audio.sampleRate(), rate == null ? audio.sampleRate() : rate);
    }
}
