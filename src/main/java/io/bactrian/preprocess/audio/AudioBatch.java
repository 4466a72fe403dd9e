package io.bactrian.preprocess.audio;

import static java.util.Objects.requireNonNull;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NativeMemory;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * A tensor that is made of several sounds, one after the other.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class AudioBatch implements AutoCloseable {

    private final AudioPlan plan;
    private final int capacity;
    private @Nullable TType tensor;
    private long rows;
    private int sounds;

    /**
     * Creates a batch.
     *
     * @param plan how sounds become rows of the tensor
     * @param capacity the most sounds
     */
    public AudioBatch(AudioPlan plan, int capacity) {
        this.plan = plan;
        this.capacity = capacity;
    }

    /**
     * Decodes a sound and adds it. If that fails, the batch is as before.
     *
     * @param audio the sound
     * @param deadline checked between parts of the work
     * @throws BadInputException if it can't be decoded, or has not the length of the others
     * @throws DeadlineExceededException if the deadline passed
     */
    public void add(EncodedAudio audio, Deadline deadline) {
        long count = plan.rows(audio);
        if (sounds > 0 && count != rows) {
            String unit = plan.rows().framing() == null ? " samples" : " frames";
            throw new BadInputException(
                    "the audio makes "
                            + count
                            + unit
                            + ", but the request's first "
                            + rows
                            + ": all sounds of a request must have one length");
        }
        float[] samples = plan.sampling().samples(audio, deadline);
        if (tensor == null) {
            tensor = plan.dtype().allocate(plan.shape(capacity, count));
        }
        rows = count;
        write(samples, requireNonNull(tensor), deadline);
        sounds++;
    }

    private void write(float[] samples, TType tensor, Deadline deadline) {
        ByteBuffer memory = NativeMemory.of(tensor);
        memory.position(sounds * (int) (tensor.numBytes() / capacity));
        SampleWriter writer = new SampleWriter(memory, plan.dtype(), plan.fullScale());
        Framing framing = plan.rows().framing();
        if (framing == null) {
            for (float sample : samples) {
                writer.write(sample * plan.fullScale());
            }
            return;
        }
        FrameTransform transform = plan.rows().transform().get();
        double[] frame = new double[framing.length()];
        double[] row = new double[plan.rows().columns()];
        for (int i = 0; i < rows; i++) {
            if (deadline.isPassed()) {
                throw new DeadlineExceededException(
                        "deadline exceeded while transforming the audio");
            }
            framing.copy(samples, i, frame, plan.fullScale());
            transform.apply(frame, row);
            for (double number : row) {
                writer.write(number);
            }
        }
    }

    /** {@return the tensor of the sounds that were added, at least one, which the caller owns} */
    public TType tensor() {
        TType made = requireNonNull(tensor);
        tensor = null;
        if (sounds == capacity) {
            return made;
        }
        try (made) {
            TType smaller = plan.dtype().allocate(plan.shape(sounds, rows));
            NativeMemory.of(smaller)
                    .put(NativeMemory.of(made).slice(0, Math.toIntExact(smaller.numBytes())));
            return smaller;
        }
    }

    /** Frees the tensor, unless {@link #tensor} has returned it. */
    @Override
    public void close() {
        if (tensor != null) {
            tensor.close();
        }
    }
}
