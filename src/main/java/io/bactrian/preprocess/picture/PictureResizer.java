package io.bactrian.preprocess.picture;

import java.util.Arrays;

/**
 * Resizes as Pillow's {@code Image.resize} does, to the bit: across and then down, each pass in
 * fixed point and rounded to 8 bits, and only the rows that are needed (Pillow
 * src/libImaging/Resample.c; nearest: src/libImaging/Geometry.c).
 *
 * <p>The output's rows are made one at a time. Each needs a few input rows, already resized across,
 * which wait in a ring small enough to stay in the processor's cache. Going across, two input rows
 * travel together in the halves of a {@code long}, so that one multiplication serves both; the sum
 * of products comes apart again because its low half is known to be a signed 32-bit number. Going
 * down, the loops run along the rows, where the compiler makes vector instructions of them.
 */
public final class PictureResizer {

    private static final int PRECISION_BITS = Coefficients.PRECISION_BITS;

    /** One half in fixed point: it makes a shift round. */
    private static final int HALF = 1 << (PRECISION_BITS - 1);

    /** Beyond this ratio of its sides Pillow resizes a tall picture down before across. */
    private static final int TALL = 100;

    /** Takes the rows of a picture as they are made. */
    public interface Rows {

        /**
         * @param y from 0, the top; each comes once, in order
         * @param samples 0 to 255, the channels interleaved, in the first width × channels
         *     elements; valid during the call only
         */
        void row(int y, int[] samples);
    }

    /** Makes the rows that the pass down needs. */
    private interface Source {

        /**
         * Makes two rows at once: {@code upper} is row {@code y}, {@code lower} the one below, or
         * of no meaning below the last.
         */
        void pair(int y, int[] upper, int[] lower);
    }

    private PictureResizer() {}

    /**
     * @param picture read, not closed
     * @param width pixels a row of the result, at least 1
     * @param height rows of the result, at least 1
     * @param to takes the result, of as many channels as {@code picture}
     */
    public static void resize(Picture picture, int width, int height, Resampling filter, Rows to) {
        boolean tall =
                picture.height() > (long) picture.width() * TALL && height < picture.height();
        if (picture.width() == width && picture.height() == height) {
            copy(picture, to);
        } else if (filter == Resampling.NEAREST) {
            nearest(picture, width, height, to);
        } else if (tall && picture.width() != width) {
            resize(shortened(picture, height, filter), width, height, filter, to);
        } else {
            Source source =
                    picture.width() == width
                            ? new AsIs(picture)
                            : new Across(picture, Coefficients.of(picture.width(), width, filter));
            int length = width * picture.channels();
            if (picture.height() == height) {
                pass(source, length, height, to);
            } else {
                down(
                        source,
                        length,
                        Coefficients.of(picture.height(), height, filter),
                        picture.height(),
                        to);
            }
        }
    }

    /** Hands out the rows as they are. */
    public static void copy(Picture picture, Rows to) {
        pass(new AsIs(picture), picture.width() * picture.channels(), picture.height(), to);
    }

    private static void pass(Source source, int length, int height, Rows to) {
        int[] upper = new int[length];
        int[] lower = new int[length];
        for (int y = 0; y < height; y += 2) {
            source.pair(y, upper, lower);
            to.row(y, upper);
            if (y + 1 < height) {
                to.row(y + 1, lower);
            }
        }
    }

    private static Picture shortened(Picture picture, int height, Resampling filter) {
        int length = picture.width() * picture.channels();
        byte[] pixels = new byte[Math.multiplyExact(length, height)];
        resize(
                picture,
                picture.width(),
                height,
                filter,
                (y, samples) -> {
                    for (int i = 0; i < length; i++) {
                        pixels[y * length + i] = (byte) samples[i];
                    }
                });
        return new PixelPicture(picture.width(), height, picture.channels(), pixels);
    }

    private static void nearest(Picture picture, int width, int height, Rows to) {
        int channels = picture.channels();
        int[] columns = nearest(picture.width(), width);
        int[] lines = nearest(picture.height(), height);
        byte[] row = new byte[picture.width() * channels];
        int[] samples = new int[width * channels];
        int read = -1;
        for (int y = 0; y < height; y++) {
            if (lines[y] != read) {
                read = lines[y];
                picture.row(read, row);
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
            Source source, int length, Coefficients coefficients, int inHeight, Rows to) {
        int[][] ring = new int[coefficients.stride + 1][length];
        int[] sums = new int[length];
        int next = coefficients.first[0];
        for (int y = 0; y < coefficients.first.length; y++) {
            int first = coefficients.first[y];
            int end = first + coefficients.count[y];
            while (next < end) {
                source.pair(next, ring[next % ring.length], ring[(next + 1) % ring.length]);
                next += 2;
            }
            Arrays.fill(sums, HALF);
            int weight = y * coefficients.stride;
            int line = first;
            for (; line + 3 < end; line += 4, weight += 4) {
                add(
                        sums,
                        ring[line % ring.length],
                        coefficients.weights[weight],
                        ring[(line + 1) % ring.length],
                        coefficients.weights[weight + 1],
                        ring[(line + 2) % ring.length],
                        coefficients.weights[weight + 2],
                        ring[(line + 3) % ring.length],
                        coefficients.weights[weight + 3]);
            }
            for (; line < end; line++, weight++) {
                add(sums, ring[line % ring.length], coefficients.weights[weight]);
            }
            round(sums);
            to.row(y, sums);
        }
    }

    private static void add(
            int[] sums, int[] a, int wa, int[] b, int wb, int[] c, int wc, int[] d, int wd) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd;
        }
    }

    private static void add(int[] sums, int[] line, int weight) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += line[i] * weight;
        }
    }

    private static void round(int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Math.max(Math.min(sums[i] >> PRECISION_BITS, 255), 0);
        }
    }

    /** Rows that keep their width. */
    private static final class AsIs implements Source {

        private final Picture picture;
        private final byte[] row;

        AsIs(Picture picture) {
            this.picture = picture;
            this.row = new byte[picture.width() * picture.channels()];
        }

        @Override
        public void pair(int y, int[] upper, int[] lower) {
            read(y, upper);
            if (y + 1 < picture.height()) {
                read(y + 1, lower);
            }
        }

        private void read(int y, int[] samples) {
            picture.row(y, row);
            for (int i = 0; i < row.length; i++) {
                samples[i] = row[i] & 0xFF;
            }
        }
    }

    /** Rows resized across. */
    private static final class Across implements Source {

        private static final long TWO_HALVES = (long) HALF << 32 | HALF;

        private final Picture picture;
        private final Coefficients coefficients;
        private final byte[] upperRow;
        private final byte[] lowerRow;

        /** The upper row's samples in the low halves, the lower row's in the high ones. */
        private final long[] both;

        Across(Picture picture, Coefficients coefficients) {
            this.picture = picture;
            this.coefficients = coefficients;
            int length = picture.width() * picture.channels();
            this.upperRow = new byte[length];
            this.lowerRow = new byte[length];
            this.both = new long[length];
        }

        @Override
        public void pair(int y, int[] upper, int[] lower) {
            picture.row(y, upperRow);
            if (y + 1 < picture.height()) {
                picture.row(y + 1, lowerRow);
            }
            join(upperRow, lowerRow, both);
            if (picture.channels() == 3) {
                colour(coefficients, both, upper, lower);
            } else {
                grey(coefficients, both, upper, lower);
            }
        }

        private static void join(byte[] upper, byte[] lower, long[] both) {
            for (int i = 0; i < both.length; i++) {
                both[i] = (upper[i] & 0xFF) | (long) (lower[i] & 0xFF) << 32;
            }
        }

        private static void colour(
                Coefficients coefficients, long[] both, int[] upper, int[] lower) {
            int[] weights = coefficients.weights;
            for (int x = 0; x < coefficients.first.length; x++) {
                int count = coefficients.count[x];
                int weight = x * coefficients.stride;
                int from = coefficients.first[x] * 3;
                long red = TWO_HALVES;
                long green = TWO_HALVES;
                long blue = TWO_HALVES;
                for (int i = 0; i < count; i++) {
                    long w = weights[weight + i];
                    red += both[from + 3 * i] * w;
                    green += both[from + 3 * i + 1] * w;
                    blue += both[from + 3 * i + 2] * w;
                }
                split(red, 3 * x, upper, lower);
                split(green, 3 * x + 1, upper, lower);
                split(blue, 3 * x + 2, upper, lower);
            }
        }

        private static void grey(Coefficients coefficients, long[] both, int[] upper, int[] lower) {
            int[] weights = coefficients.weights;
            for (int x = 0; x < coefficients.first.length; x++) {
                int count = coefficients.count[x];
                int weight = x * coefficients.stride;
                int from = coefficients.first[x];
                long sum = TWO_HALVES;
                for (int i = 0; i < count; i++) {
                    sum += both[from + i] * weights[weight + i];
                }
                split(sum, x, upper, lower);
            }
        }

        private static void split(long sum, int at, int[] upper, int[] lower) {
            int low = (int) sum;
            int high = (int) ((sum - low) >> 32);
            upper[at] = Math.max(Math.min(low >> PRECISION_BITS, 255), 0);
            lower[at] = Math.max(Math.min(high >> PRECISION_BITS, 255), 0);
        }
    }
}
