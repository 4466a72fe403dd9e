package io.bactrian.preprocess.image;

import io.bactrian.tensor.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import org.tensorflow.types.family.TType;

/**
 * The writer of rows of samples into a tensor's native memory, each sample replaced by its value in
 * a {@link NormalizationTable}. There is a subclass for each width of a dtype.
 */
public abstract class TensorPixelWriter implements ImageResizer.Rows {

    private final int width;
    private final int height;
    private final int tensorChannels;
    private final int imageChannels;
    private final boolean bgr;
    private final boolean planar;

    private TensorPixelWriter(NormalizationTable table, PixelLayout layout, int imageChannels) {
        this.width = layout.width();
        this.height = layout.height();
        this.tensorChannels = table.channels();
        this.imageChannels = imageChannels;
        this.bgr = layout.isBgr();
        this.planar = layout.isPlanar();
    }

    /**
     * Creates a writer into a tensor's memory.
     *
     * @param tensor of {@code table}'s dtype and {@code layout}'s shape; all of it is written once
     *     all rows have come
     * @param table the values, of one channel or of red, green and blue
     * @param layout how the pixels lie in the tensor
     * @param imageChannels 1 or 3 samples per pixel in the rows; gray goes into every channel
     */
    public static TensorPixelWriter of(
            TType tensor, NormalizationTable table, PixelLayout layout, int imageChannels) {
        ByteBuffer memory = NativeMemory.of(tensor);
        return switch (table.dtype().byteSize()) {
            case 1 -> new Bytes(memory, table, layout, imageChannels);
            case 2 -> new Shorts(memory, table, layout, imageChannels);
            case 4 -> new Ints(memory, table, layout, imageChannels);
            default -> new Longs(memory, table, layout, imageChannels);
        };
    }

    @Override
    public final void row(int y, int[] samples) {
        if (!planar && tensorChannels == 3 && imageChannels == 3) {
            lookColor(samples, bgr ? 2 : 0, width);
            put(y * width * 3, width * 3);
        } else {
            each(y, samples);
        }
    }

    private void each(int y, int[] samples) {
        for (int to = 0; to < tensorChannels; to++) {
            int channel = bgr ? tensorChannels - 1 - to : to;
            int from = imageChannels == 1 ? 0 : channel;
            if (planar) {
                look(channel, samples, from, imageChannels, 0, 1, width);
                put((to * height + y) * width, width);
            } else {
                look(channel, samples, from, imageChannels, to, tensorChannels, width);
            }
        }
        if (!planar) {
            put(y * width * tensorChannels, width * tensorChannels);
        }
    }

    /** Looks up every {@code fromStep}th sample, into every {@code toStep}th element of a line. */
    abstract void look(
            int channel, int[] samples, int from, int fromStep, int to, int toStep, int count);

    /**
     * Looks up whole pixels of three channels.
     *
     * @param first the tensor's first channel, 0 for red or 2 for blue
     */
    void lookColor(int[] samples, int first, int count) {
        look(first, samples, first, 3, 0, 3, count);
        look(1, samples, 1, 3, 1, 3, count);
        look(2 - first, samples, 2 - first, 3, 2, 3, count);
    }

    /** Copies the line's first {@code count} elements to the tensor's from {@code position}. */
    abstract void put(int position, int count);

    private static final class Bytes extends TensorPixelWriter {

        private final ByteBuffer memory;
        private final byte[][] tables;
        private final byte[] line;

        Bytes(ByteBuffer memory, NormalizationTable table, PixelLayout layout, int imageChannels) {
            super(table, layout, imageChannels);
            this.memory = memory;
            this.line = new byte[layout.width() * table.channels()];
            this.tables = new byte[table.channels()][];
            for (int c = 0; c < tables.length; c++) {
                tables[c] = table.bytes(c);
            }
        }

        @Override
        void look(int channel, int[] samples, int from, int fromStep, int to, int toStep, int n) {
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
            this.line = new short[layout.width() * table.channels()];
            this.tables = new short[table.channels()][];
            for (int c = 0; c < tables.length; c++) {
                tables[c] = table.shorts(c);
            }
        }

        @Override
        void look(int channel, int[] samples, int from, int fromStep, int to, int toStep, int n) {
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
            this.line = new int[layout.width() * table.channels()];
            this.tables = new int[table.channels()][];
            for (int c = 0; c < tables.length; c++) {
                tables[c] = table.ints(c);
            }
        }

        @Override
        void look(int channel, int[] samples, int from, int fromStep, int to, int toStep, int n) {
            int[] table = tables[channel];
            for (int i = 0; i < n; i++) {
                line[to + i * toStep] = table[samples[from + i * fromStep]];
            }
        }

        /** In one loop: of the four types the one that most models take, float32. */
        @Override
        void lookColor(int[] samples, int first, int count) {
            look(line, samples, first, tables[first], tables[1], tables[2 - first], 3 * count);
        }

        private static void look(
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
            this.line = new long[layout.width() * table.channels()];
            this.tables = new long[table.channels()][];
            for (int c = 0; c < tables.length; c++) {
                tables[c] = table.longs(c);
            }
        }

        @Override
        void look(int channel, int[] samples, int from, int fromStep, int to, int toStep, int n) {
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
