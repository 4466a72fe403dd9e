package io.bactrian.preprocess.image;

import java.util.Arrays;

/**
 * Image resizing by weights in floating point, a horizontal and then a vertical pass, row by row.
 * Input rows that no output row needs are not read.
 */
final class FloatResizer {

    /** A consumer of the rows of an image. */
    interface Rows {

        /**
         * Accepts the next row.
         *
         * @param y the row's index, 0 for the top row; rows come in order
         * @param samples about 0 to 255, the channels interleaved; reused for the next row
         */
        void row(int y, float[] samples);
    }

    private FloatResizer() {}

    /**
     * Resizes an image.
     *
     * @param image the input, which is not closed
     * @param columns the weights of its columns
     * @param lines the weights of its rows
     * @param to receives the rows
     */
    static void resize(DecodedImage image, LineWeights columns, LineWeights lines, Rows to) {
        int channels = image.channels();
        byte[] row = new byte[image.width() * channels];
        float[][] ring = new float[lines.stride][columns.size() * channels];
        int[] held = new int[lines.stride];
        Arrays.fill(held, -1);
        float[] sums = new float[columns.size() * channels];
        for (int y = 0; y < lines.size(); y++) {
            Arrays.fill(sums, 0);
            for (int i = 0; i < lines.count[y]; i++) {
                int from = lines.first[y] + i;
                int slot = from % ring.length;
                if (held[slot] != from) {
                    image.row(from, row);
                    resizeRow(row, channels, columns, ring[slot]);
                    held[slot] = from;
                }
                add(sums, ring[slot], lines.weights[y * lines.stride + i]);
            }
            to.row(y, sums);
        }
    }

    private static void add(float[] sums, float[] line, float weight) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += line[i] * weight;
        }
    }

    private static void resizeRow(byte[] row, int channels, LineWeights columns, float[] resized) {
        for (int x = 0; x < columns.size(); x++) {
            int weight = x * columns.stride;
            int from = columns.first[x] * channels;
            if (channels == 1) {
                float sum = 0;
                for (int i = 0; i < columns.count[x]; i++) {
                    sum += (row[from + i] & 0xFF) * columns.weights[weight + i];
                }
                resized[x] = sum;
            } else {
                float red = 0;
                float green = 0;
                float blue = 0;
                for (int i = 0; i < columns.count[x]; i++, from += 3) {
                    float factor = columns.weights[weight + i];
                    red += (row[from] & 0xFF) * factor;
                    green += (row[from + 1] & 0xFF) * factor;
                    blue += (row[from + 2] & 0xFF) * factor;
                }
                resized[3 * x] = red;
                resized[3 * x + 1] = green;
                resized[3 * x + 2] = blue;
            }
        }
    }
}
