package io.bactrian.preprocess.audio;

import static java.util.Objects.requireNonNull;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import org.tensorflow.ndarray.Shape;

/**
 * How sounds become a tensor.
 *
 * @param sampling the samples that are taken of each sound
 * @param rows what becomes of them
 * @param dtype the tensor's dtype
 * @param fullScale the value of full amplitude
 * @param layout the tensor's dimensions
 */
public record AudioPlan(
        Sampling sampling, FrameRows rows, DType dtype, double fullScale, AudioLayout layout) {

    /** {@return the shape of the tensor of one sound; unknown if it depends on the sound} */
    public Shape fixedShape() {
        Integer length = sampling.length();
        return length == null ? Shape.unknown() : shape(1, rows.rows(length));
    }

    /** {@return the shape of a tensor of sounds that have a number of rows each} */
    Shape shape(int sounds, long rows) {
        return layout.shape(sounds, rows, this.rows.columns());
    }

    /**
     * {@return the rows of a sound}
     *
     * @throws BadInputException if it is shorter than a frame
     */
    long rows(EncodedAudio audio) {
        long samples = sampling.length(audio);
        long made = rows.rows(samples);
        if (made == 0) {
            throw new BadInputException(
                    "the audio has "
                            + samples
                            + " samples: a frame takes "
                            + requireNonNull(rows.framing()).length());
        }
        return made;
    }

    /**
     * {@return the bytes that a sound takes in the tensor}
     *
     * @param audio the sound
     * @throws BadInputException if it is shorter than a frame, or takes more than a tensor may have
     */
    public long tensorBytes(EncodedAudio audio) {
        long bytes = rows(audio) * rows.columns() * dtype.byteSize();
        if (sampling.length(audio) > Integer.MAX_VALUE || bytes > Integer.MAX_VALUE) {
            throw new BadInputException("the audio makes a tensor of more than 2 GiB, the limit");
        }
        return bytes;
    }

    /**
     * {@return the most bytes that are allocated while a sound is decoded and transformed}
     *
     * @param audio the sound
     */
    public long workBytes(EncodedAudio audio) {
        return sampling.workBytes(audio) + rows.transformBytes();
    }
}
