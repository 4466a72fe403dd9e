package io.bactrian.preprocess.audio;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a tensor has of a sound: one for each frame, or one for each sample.
 *
 * @param framing the frames; null for a row of each sample
 * @param transform makes a transform of frames, one for each request
 * @param transformBytes the memory that a transform takes
 * @param columns how many numbers a row has
 */
public record FrameRows(
        @Nullable Framing framing,
        Supplier<FrameTransform> transform,
        long transformBytes,
        int columns) {

    /** {@return a row of each sample} */
    public static FrameRows samples() {
        return new FrameRows(null, () -> FrameTransform.samples(1), 0, 1);
    }

    /**
     * {@return how many rows samples have; 0 if they are less than a frame}
     *
     * @param samples the number of samples
     */
    public long rows(long samples) {
        return framing == null ? samples : framing.frames(samples);
    }
}
