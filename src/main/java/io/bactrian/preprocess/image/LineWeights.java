package io.bactrian.preprocess.image;

/**
 * The resampling weights of one dimension in floating point: for each output pixel a range of input
 * pixels and their weights.
 */
final class LineWeights {

    /** The first input pixel of each output pixel. */
    final int[] first;

    /** The number of input pixels of each output pixel. */
    final int[] count;

    /** The weights, {@link #stride} elements per output pixel. */
    final float[] weights;

    /** The maximum number of input pixels of an output pixel. */
    final int stride;

    private final int in;

    /**
     * Creates weights of 0.
     *
     * @param in pixels of the input line
     * @param out pixels of the output line
     * @param stride the most input pixels of an output pixel
     */
    LineWeights(int in, int out, int stride) {
        this.in = in;
        this.stride = stride;
        first = new int[out];
        count = new int[out];
        weights = new float[Math.multiplyExact(out, stride)];
    }

    /** {@return the output pixels} */
    int size() {
        return first.length;
    }

    /**
     * Adds the weight of an input pixel to an output pixel.
     *
     * @param from the input pixel, after those that were added to this output pixel before; outside
     *     the line the pixel at its end counts
     */
    void add(int to, int from, double weight) {
        int pixel = Math.min(Math.max(from, 0), in - 1);
        if (count[to] == 0) {
            first[to] = pixel;
        }
        int index = pixel - first[to];
        weights[to * stride + index] += (float) weight;
        count[to] = index + 1;
    }

    /** Divides the weights of an output pixel by their sum. */
    void normalize(int to) {
        double sum = 0;
        for (int i = 0; i < count[to]; i++) {
            sum += weights[to * stride + i];
        }
        for (int i = 0; sum != 0 && i < count[to]; i++) {
            weights[to * stride + i] = (float) (weights[to * stride + i] / sum);
        }
    }
}
