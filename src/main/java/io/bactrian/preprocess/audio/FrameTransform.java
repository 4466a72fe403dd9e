package io.bactrian.preprocess.audio;

/**
 * What a frame's samples become. Not thread-safe: each request has its own, with working memory.
 */
public interface FrameTransform {

    /** {@return how many numbers become of a frame} */
    int columns();

    /**
     * Transforms a frame.
     *
     * @param frame its samples
     * @param row the numbers that are set, its first {@link #columns}
     */
    void apply(double[] frame, double[] row);

    /**
     * {@return the samples of the frame themselves}
     *
     * @param length the samples of a frame
     */
    static FrameTransform samples(int length) {
        return new FrameTransform() {
            @Override
            public int columns() {
                return length;
            }

            @Override
            public void apply(double[] frame, double[] row) {
                System.arraycopy(frame, 0, row, 0, length);
            }
        };
    }
}
