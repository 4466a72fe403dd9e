package io.bactrian.preprocess.image;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;

/**
 * A writer of rows of samples to a tensor's native memory, each sample normalized by a {@link
 * NormalizationTable}. There is a subclass for each element size.
 */
public abstract class TensorPixelWriter implements ImageResizer.Rows {

    private final PixelLayout layout;
    private final int width;
    private final int planePixels;
    private final int tensorChannels;
    private final int imageChannels;
    private final boolean bgr;
    private final boolean planar;

    /** The part of a row that is in the tensor, where that is not its beginning. */
    private final int[] rest;

    private TensorPixelWriter(NormalizationTable table, PixelLayout layout, int imageChannels) {
        this.layout = layout;
        this.width = layout.columns();
        this.planePixels = layout.width() * layout.height();
        this.tensorChannels = table.channels();
        this.imageChannels = imageChannels;
        this.bgr = layout.isBgr();
        this.planar = layout.isPlanar();
        this.rest = new int[layout.firstPixel() == 0 ? 0 : width * imageChannels];
    }

    /**
     * {@return a writer to a tensor}
     *
     * @param memory the tensor's native memory, or the part of it that is one image; of the dtype
     *     of {@code table} and the size of {@code layout}
     * @param table the normalized values, of one channel or of red, green and blue
     * @param layout the layout of the pixels in the tensor
     * @param imageChannels samples per pixel in the rows: 3, or 1 for gray, which is written to
     *     every channel
     */
    public static TensorPixelWriter of(
            ByteBuffer memory, NormalizationTable table, PixelLayout layout, int imageChannels) {
        return switch (table.dtype().byteSize()) {
            case 1 -> new Bytes(memory, table, layout, imageChannels);
            case 2 -> new Shorts(memory, table, layout, imageChannels);
            case 4 -> new Ints(memory, table, layout, imageChannels);
            default -> new Longs(memory, table, layout, imageChannels);
        };
    }

    @Override
    public final void row(int y, int[] row) {
        if (!layout.hasRow(y)) {
            return;
        }
        int[] samples = row;
        if (rest.length > 0) {
            System.arraycopy(row, layout.firstPixel() * imageChannels, rest, 0, rest.length);
            samples = rest;
        }
        int pixel = layout.position(y);
        if (!planar && tensorChannels == 3 && imageChannels == 3) {
            normalizeColor(samples, bgr ? 2 : 0, width);
            put(pixel * 3, width * 3);
        } else {
            writeChannels(pixel, samples);
        }
    }

    private void writeChannels(int pixel, int[] samples) {
        for (int to = 0; to < tensorChannels; to++) {
            int channel = bgr ? tensorChannels - 1 - to : to;
            int from = imageChannels == 1 ? 0 : channel;
            if (planar) {
                normalize(channel, samples, from, imageChannels, 0, 1, width);
                put(to * planePixels + pixel, width);
            } else {
                normalize(channel, samples, from, imageChannels, to, tensorChannels, width);
            }
        }
        if (!planar) {
            put(pixel * tensorChannels, width * tensorChannels);
        }
    }

    /**
     * Normalizes every {@code fromStep}th sample into every {@code toStep}th element of the line
     * buffer.
     */
    abstract void normalize(
            int channel, int[] samples, int from, int fromStep, int to, int toStep, int count);

    /**
     * Normalizes whole pixels of three channels.
     *
     * @param first the tensor's first channel, 0 for red or 2 for blue
     */
    void normalizeColor(int[] samples, int first, int count) {
        normalize(first, samples, first, 3, 0, 3, count);
        normalize(1, samples, 1, 3, 1, 3, count);
        normalize(2 - first, samples, 2 - first, 3, 2, 3, count);
    }

    /** Copies the first {@code count} elements of the line buffer to the tensor. */
    abstract void put(int position, int count);

    private static final class Bytes extends TensorPixelWriter {

        private final ByteBuffer memory;
        private final byte[][] tables;
        private final byte[] line;

        Bytes(ByteBuffer memory, NormalizationTable table, PixelLayout layout, int imageChannels) {
            super(table, layout, imageChannels);
            this.memory = memory;
            this.line = new byte[layout.columns() * table.channels()];
            this.tables = new byte[table.channels()][];
            for (int c = 0; c < tables.length; c++) {
                tables[c] = table.bytes(c);
            }
        }

        @Override
        void normalize(
                int channel, int[] samples, int from, int fromStep, int to, int toStep, int n) {
            byte[] table = tables[channel];
            for (int i = 0; i < n; i++) {
                line[to + i * toStep] = table[samples[from + i * fromStep]];
            }
        }

        @Override
        void put(int position, int count) {
            memory.put(position, line, 0, count);
        }
    }

    private static final class Shorts extends TensorPixelWriter {

        private final ShortBuffer memory;
        private final short[][] tables;
        private final short[] line;

        Shorts(ByteBuffer memory, NormalizationTable table, PixelLayout layout, int imageChannels) {
            super(table, layout, imageChannels);
            this.memory = memory.asShortBuffer();
            this.line = new short[layout.columns() * table.channels()];
            this.tables = new short[table.channels()][];
            for (int c = 0; c < tables.length; c++) {
                tables[c] = table.shorts(c);
            }
        }

        @Override
        void normalize(
                int channel, int[] samples, int from, int fromStep, int to, int toStep, int n) {
            short[] table = tables[channel];
            for (int i = 0; i < n; i++) {
                line[to + i * toStep] = table[samples[from + i * fromStep]];
            }
        }

        @Override
        void put(int position, int count) {
            memory.put(position, line, 0, count);
        }
    }

    private static final class Ints extends TensorPixelWriter {

        private final IntBuffer memory;
        private final int[][] tables;
        private final int[] line;

        Ints(ByteBuffer memory, NormalizationTable table, PixelLayout layout, int imageChannels) {
            super(table, layout, imageChannels);
            this.memory = memory.asIntBuffer();
            this.line = new int[layout.columns() * table.channels()];
            this.tables = new int[table.channels()][];
            for (int c = 0; c < tables.length; c++) {
                tables[c] = table.ints(c);
            }
        }

        @Override
        void normalize(
                int channel, int[] samples, int from, int fromStep, int to, int toStep, int n) {
            int[] table = tables[channel];
            for (int i = 0; i < n; i++) {
                line[to + i * toStep] = table[samples[from + i * fromStep]];
            }
        }

        /** A single loop, since most models take elements of this size (float32). */
        @Override
        void normalizeColor(int[] samples, int first, int count) {
            normalize(line, samples, first, tables[first], tables[1], tables[2 - first], 3 * count);
        }

        private static void normalize(
                int[] line, int[] samples, int first, int[] a, int[] b, int[] c, int end) {
            for (int i = 0; i < end; i += 3) {
                line[i] = a[samples[i + first]];
                line[i + 1] = b[samples[i + 1]];
                line[i + 2] = c[samples[i + 2 - first]];
            }
        }

        @Override
        void put(int position, int count) {
            memory.put(position, line, 0, count);
        }
    }

    private static final class Longs extends TensorPixelWriter {

        private final LongBuffer memory;
        private final long[][] tables;
        private final long[] line;

        Longs(ByteBuffer memory, NormalizationTable table, PixelLayout layout, int imageChannels) {
            super(table, layout, imageChannels);
            this.memory = memory.asLongBuffer();
            this.line = new long[layout.columns() * table.channels()];
            this.tables = new long[table.channels()][];
            for (int c = 0; c < tables.length; c++) {
                tables[c] = table.longs(c);
            }
        }

        @Override
        void normalize(
                int channel, int[] samples, int from, int fromStep, int to, int toStep, int n) {
            long[] table = tables[channel];
            for (int i = 0; i < n; i++) {
                line[to + i * toStep] = table[samples[from + i * fromStep]];
            }
        }

        @Override
        void put(int position, int count) {
            memory.put(position, line, 0, count);
        }
    }
}
