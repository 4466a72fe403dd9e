package io.bactrian.preprocess.image;

/**
 * Resizes as Pillow's {@code Image.resize} does, to the bit: across and then down, each pass in
 * fixed point and rounded to 8 bits, and only the rows that are needed (Pillow
 * src/libImaging/Resample.c; nearest: src/libImaging/Geometry.c).
 *
 * <p>The output's rows are made one at a time. Each needs a few input rows, already resized across,
 * which wait in a ring small enough to stay in the processor's cache. The loops of both passes run
 * along arrays of one channel, where the compiler makes vector instructions of them: going down
 * along rows, going across along columns ({@link HorizontalPass}).
 */
public final class ImageResizer {

    /** Beyond this ratio of its sides Pillow resizes a tall image down before across. */
    private static final int TALL = 100;

    /** Takes the rows of an image as they are made. */
    public interface Rows {

        /**
         * Takes a row.
         *
         * @param y from 0, the top; each comes once, in order
         * @param samples 0 to 255, the channels interleaved, in the first width × channels
         *     elements; valid during the call only
         */
        void row(int y, int[] samples);
    }

    /** Makes the rows that the pass down needs. */
    interface Source {

        /**
         * Makes a row.
         *
         * @param y more than in the call before
         * @param samples filled with the row, an array a channel
         */
        void row(int y, int[][] samples);
    }

    private ImageResizer() {}

    /**
     * Resizes an image row by row.
     *
     * @param image read, not closed
     * @param width pixels a row of the result, at least 1
     * @param height rows of the result, at least 1
     * @param to takes the result, of as many channels as {@code image}
     */
    public static void resize(
            DecodedImage image, int width, int height, Resampling filter, Rows to) {
        boolean tall = image.height() > (long) image.width() * TALL && height < image.height();
        if (image.width() == width && image.height() == height) {
            copy(image, to);
        } else if (filter == Resampling.NEAREST) {
            nearest(image, width, height, to);
        } else if (tall && image.width() != width) {
            resize(shortened(image, height, filter), width, height, filter, to);
        } else {
            Source source =
                    image.width() == width
                            ? new AsIs(image)
                            : new HorizontalPass(
                                    image, Coefficients.of(image.width(), width, filter));
            if (image.height() == height) {
                pass(source, width, height, image.channels(), to);
            } else {
                down(
                        source,
                        width,
                        image.channels(),
                        Coefficients.of(image.height(), height, filter),
                        to);
            }
        }
    }

    /**
     * {@return about the most memory that {@link #resize} has allocated at once}
     *
     * @param channels of the image
     */
    public static long workBytes(
            int fromWidth, int fromHeight, int channels, int width, int height, Resampling filter) {
        long across =
                (4L * fromWidth + 4L * width) * HorizontalPass.rows(fromHeight, fromWidth + width);
        long columns = Coefficients.stride(fromWidth, width, filter);
        long rows = Coefficients.stride(fromHeight, height, filter);
        long weights = 4 * (columns * width + rows * height);
        long rings = 8L * channels * (columns * HorizontalPass.MAX_ROWS + rows * width);
        boolean shortened = fromHeight > (long) fromWidth * TALL && height < fromHeight;
        return across
                + weights
                + rings
                + (shortened ? (long) fromWidth * height * channels : 0)
                + 32L * (fromWidth + width);
    }

    /** Hands out the rows as they are. */
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

    private static void pass(Source source, int width, int height, int channels, Rows to) {
        int[][] row = new int[channels][width];
        int[] samples = new int[width * channels];
        for (int y = 0; y < height; y++) {
            source.row(y, row);
            to.row(y, interleaved(row, samples));
        }
    }

    private static DecodedImage shortened(DecodedImage image, int height, Resampling filter) {
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
        int read = -1;
        for (int y = 0; y < height; y++) {
            if (lines[y] != read) {
                read = lines[y];
                image.row(read, row);
                for (int x = 0; x < width; x++) {
                    for (int c = 0; c < channels; c++) {
                        samples[x * channels + c] = row[columns[x] * channels + c] & 0xFF;
                    }
                }
            }
            to.row(y, samples);
        }
    }

    /** The input pixel of each output pixel, its place summed up step by step as Pillow does. */
    private static int[] nearest(int in, int out) {
        double step = (double) in / out;
        double place = step * 0.5;
        int[] from = new int[out];
        for (int i = 0; i < out; i++) {
            from[i] = Math.min((int) place, in - 1);
            place += step;
        }
        return from;
    }

    private static void down(
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
                ResampleKernels.weigh(coefficients, y, ring, c, sums[c]);
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

    /** Rows that keep their width. */
    private static final class AsIs implements Source {

        private final DecodedImage image;
        private final byte[] row;

        AsIs(DecodedImage image) {
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
