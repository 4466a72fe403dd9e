package io.bactrian.preprocess.audio;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.JsonType;
import java.util.Collection;

/**
 * A sound of one channel whose samples are a list of numbers.
 *
 * @param samples the numbers, as JSON is read
 * @param sampleRate the samples per second
 * @param fullScale the number at full amplitude
 */
public record SampleList(Collection<?> samples, int sampleRate, double fullScale)
        implements EncodedAudio {

    /** How many samples are read between two looks at the clock. */
    private static final int PART = 1 << 16;

    /**
     * Checks that there are samples.
     *
     * @param samples the numbers, as JSON is read
     * @param sampleRate the samples per second
     * @param fullScale the number at full amplitude
     * @throws BadInputException if there are none
     */
    public SampleList {
        if (samples.isEmpty()) {
            throw new BadInputException("the audio has no samples");
        }
    }

    @Override
    public int channels() {
        return 1;
    }

    @Override
    public int length() {
        return samples.size();
    }

    @Override
    public long decodingBytes() {
        return (long) length() * Float.BYTES;
    }

    @Override
    public float[] mono(MixDown mixDown, Deadline deadline) {
        float[] made = new float[length()];
        int i = 0;
        for (Object sample : samples) {
            if (i % PART == 0 && deadline.isPassed()) {
                throw new DeadlineExceededException("deadline exceeded while reading the samples");
            }
            if (!(sample instanceof Number number)) {
                throw new BadInputException(
                        "sample " + i + " must be a number, got " + JsonType.describe(sample));
            }
            made[i] = (float) (number.doubleValue() / fullScale);
            if (!Float.isFinite(made[i])) {
                throw new BadInputException("sample " + i + " is out of range: " + number);
            }
            i++;
        }
        return made;
    }
}
