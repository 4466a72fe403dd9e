package io.bactrian.preprocess.audio;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.tensor.BadInputException;

/**
 * An encoded sound whose header has been read but whose samples have not been decoded. Its rate,
 * channels and length are known.
 */
public interface EncodedAudio {

    /** The fewest samples per second that are read. */
    int MIN_SAMPLE_RATE = 1000;

    /** The most samples per second that are read. */
    int MAX_SAMPLE_RATE = 384_000;

    /** The most channels that are read. */
    int MAX_CHANNELS = 64;

    /** {@return the samples per second of each channel} */
    int sampleRate();

    /** {@return the number of channels} */
    int channels();

    /** {@return the samples of each channel} */
    int length();

    /**
     * {@return the samples of one channel, from -1 to 1, as {@code tf.audio.decode_wav} scales
     * them}
     *
     * @param mixDown what becomes of several channels
     * @param deadline checked between parts
     * @throws BadInputException if the data is corrupt
     * @throws DeadlineExceededException if the deadline passed
     */
    float[] mono(MixDown mixDown, Deadline deadline);

    /** {@return the most bytes that {@link #mono} allocates, the result included} */
    long decodingBytes();

    /**
     * {@return the file of a body}
     *
     * @param bytes a whole file
     * @throws BadInputException if it is empty, of an unsupported format, or its header is wrong
     */
    static EncodedAudio open(byte[] bytes) {
        AudioFormat format = AudioFormat.of(bytes);
        if (format != AudioFormat.WAV) {
            throw format.unsupported();
        }
        return WavFile.open(bytes);
    }
}
