package io.bactrian.preprocess.image;

/**
 * Image resizing that is bit-identical to Pillow's {@code Image.resize}: a horizontal and then a
 * vertical pass, each in fixed point and rounded to 8 bits (src/libImaging/Resample.c; for nearest
 * neighbor, src/libImaging/Geometry.c).
 *
 * <p>The output is computed row by row. An output row needs a few horizontally resized input rows,
 * which are in a ring buffer small enough to stay in the processor's cache. The loops of both
 * passes iterate over arrays of one channel, which the compiler vectorizes: rows in the vertical
 * pass, columns in the horizontal one ({@link HorizontalPass}).
 */
public final class ImageResizer {

    /** The ratio of height to width beyond which Pillow does the vertical pass first. */
    private static final int TALL_RATIO = 100;

    /** What an array takes beside its elements, in ints. */
    private static final int ARRAY_HEADER = 4;

    /** A consumer of the rows of an image. */
    public interface Rows {

        /**
         * Accepts the next row.
         *
         * @param y the row's index, 0 for the top row; rows come in order
         * @param samples 0 to 255, the channels interleaved, in the first width × channels
         *     elements; reused for the next row
         */
        void row(int y, int[] samples);
    }

    /** The input rows of the vertical pass. */
    interface Source {

        /**
         * Reads a row.
         *
         * @param y the row's index, greater than that of the call before
         * @param samples the destination, one array per channel
         */
        void row(int y, int[][] samples);
    }

    private ImageResizer() {}

    /**
     * Resizes an image row by row.
     *
     * @param image the input, which is not closed
     * @param width pixels per row of the result, at least 1
     * @param height rows of the result, at least 1
     * @param filter the resampling filter
     * @param to receives the rows of the result, of as many channels as {@code image}
     */
    public static void resize(
            DecodedImage image, int width, int height, Resampling filter, Rows to) {
        boolean tall =
                image.height() > (long) image.width() * TALL_RATIO && height < image.height();
        if (image.width() == width && image.height() == height) {
            copy(image, to);
        } else if (filter == Resampling.NEAREST) {
            nearest(image, width, height, to);
        } else if (tall && image.width() != width) {
            resize(resizedVertically(image, height, filter), width, height, filter, to);
        } else {
            Source source =
                    image.width() == width
                            ? new UnscaledRows(image)
                            : new HorizontalPass(
                                    image, Coefficients.of(image.width(), width, filter));
            if (image.height() == height) {
                withoutVerticalPass(source, width, height, image.channels(), to);
            } else {
                verticalPass(
                        source,
                        width,
                        image.channels(),
                        Coefficients.of(image.height(), height, filter),
                        to);
            }
        }
    }

    /**
     * {@return approximately the peak number of bytes that {@link #resize} allocates}
     *
     * @param fromWidth pixels per row of the input
     * @param fromHeight rows of the input
     * @param channels channels of the input, 1 or 3
     * @param width pixels per row of the result
     * @param height rows of the result
     * @param filter the resampling filter
     */
    public static long workBytes(
            int fromWidth, int fromHeight, int channels, int width, int height, Resampling filter) {
        int block = HorizontalPass.rows(fromHeight, fromWidth + width);
        long horizontal = (4L * fromWidth + 4L * width) * block;
        long columns = Coefficients.stride(fromWidth, width, filter);
        long rows = Coefficients.stride(fromHeight, height, filter);
        long weights = 4 * (columns * width + rows * height);
        long rings = 8L * channels * (columns * (block + ARRAY_HEADER) + rows * width);
        boolean resizedVertically =
                fromHeight > (long) fromWidth * TALL_RATIO && height < fromHeight;
        return horizontal
                + weights
                + rings
                + (resizedVertically ? (long) fromWidth * height * channels : 0)
                + 32L * (fromWidth + width);
    }

    /**
     * Reads all rows of an image without resizing it.
     *
     * @param image the input, which is not closed
     * @param to receives the rows
     */
    public static void copy(DecodedImage image, Rows to) {
        int[] samples = new int[image.width() * image.channels()];
        byte[] row = new byte[samples.length];
        for (int y = 0; y < image.height(); y++) {
            image.row(y, row);
            for (int i = 0; i < row.length; i++) {
                samples[i] = row[i] & 0xFF;
            }
            to.row(y, samples);
        }
    }

    private static void withoutVerticalPass(
            Source source, int width, int height, int channels, Rows to) {
        int[][] row = new int[channels][width];
        int[] samples = new int[width * channels];
        for (int y = 0; y < height; y++) {
            source.row(y, row);
            to.row(y, interleaved(row, samples));
        }
    }

    private static DecodedImage resizedVertically(
            DecodedImage image, int height, Resampling filter) {
        int length = image.width() * image.channels();
        byte[] pixels = new byte[Math.multiplyExact(length, height)];
        resize(
                image,
                image.width(),
                height,
                filter,
                (y, samples) -> {
                    for (int i = 0; i < length; i++) {
                        pixels[y * length + i] = (byte) samples[i];
                    }
                });
        return new InterleavedImage(image.width(), height, image.channels(), pixels);
    }

    private static void nearest(DecodedImage image, int width, int height, Rows to) {
        int channels = image.channels();
        int[] columns = nearest(image.width(), width);
        int[] lines = nearest(image.height(), height);
        byte[] row = new byte[image.width() * channels];
        int[] samples = new int[width * channels];
        int current = -1;
        for (int y = 0; y < height; y++) {
            if (lines[y] != current) {
                current = lines[y];
                image.row(current, row);
                for (int x = 0; x < width; x++) {
                    for (int c = 0; c < channels; c++) {
                        samples[x * channels + c] = row[columns[x] * channels + c] & 0xFF;
                    }
                }
            }
            to.row(y, samples);
        }
    }

    /** {@return the input pixel of each output pixel, its position accumulated as in Pillow} */
    private static int[] nearest(int in, int out) {
        double step = (double) in / out;
        double position = step * 0.5;
        int[] from = new int[out];
        for (int i = 0; i < out; i++) {
            from[i] = Math.min((int) position, in - 1);
            position += step;
        }
        return from;
    }

    private static void verticalPass(
            Source source, int width, int channels, Coefficients coefficients, Rows to) {
        int[][][] ring = ResampleKernels.ring(coefficients, channels, width);
        int[][] sums = new int[channels][width];
        int[] samples = new int[width * channels];
        int next = coefficients.first[0];
        for (int y = 0; y < coefficients.first.length; y++) {
            int end = coefficients.first[y] + coefficients.count[y];
            for (; next < end; next++) {
                source.row(next, ring[next & ring.length - 1]);
            }
            for (int c = 0; c < channels; c++) {
                ResampleKernels.weightedSum(coefficients, y, ring, c, sums[c]);
                ResampleKernels.round(sums[c]);
            }
            to.row(y, interleaved(sums, samples));
        }
    }

    private static int[] interleaved(int[][] channels, int[] samples) {
        if (channels.length == 1) {
            return channels[0];
        }
        interleave(channels[0], channels[1], channels[2], samples);
        return samples;
    }

    private static void interleave(int[] red, int[] green, int[] blue, int[] samples) {
        for (int i = 0; i < red.length; i++) {
            samples[3 * i] = red[i];
            samples[3 * i + 1] = green[i];
            samples[3 * i + 2] = blue[i];
        }
    }

    /** The rows of an image whose width does not change. */
    private static final class UnscaledRows implements Source {

        private final DecodedImage image;
        private final byte[] row;

        UnscaledRows(DecodedImage image) {
            this.image = image;
            this.row = new byte[image.width() * image.channels()];
        }

        @Override
        public void row(int y, int[][] samples) {
            image.row(y, row);
            for (int c = 0; c < samples.length; c++) {
                for (int x = 0; x < samples[c].length; x++) {
                    samples[c][x] = row[x * samples.length + c] & 0xFF;
                }
            }
        }
    }
}
