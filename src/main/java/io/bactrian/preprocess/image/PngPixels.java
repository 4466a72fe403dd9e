package io.bactrian.preprocess.image;

import io.bactrian.limit.Deadline;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The decoder of a PNG's pixels. It inflates row by row, and no more than the rows need.
 *
 * <p>TensorFlow's decoder, libpng, would go on to inflate any further data after the last row, up
 * to a thousand times its size, and can't be stopped. To detect such files beforehand, each would
 * have to be inflated twice, which takes half as long again. Pillow has its own decoder, too
 * (src/libImaging/ZipDecode.c).
 */
final class PngPixels implements AutoCloseable {

    /** Rows between two checks of the deadline. */
    private static final int ROWS_BEFORE_CHECK = 16;

    /**
     * A pass of Adam7 interlacing, or the only pass of an image that is not interlaced.
     *
     * @param left the column of the first pixel
     * @param top the row of the first pixel
     * @param xStep columns between pixels
     * @param yStep rows between pixels
     */
    private record Pass(int left, int top, int xStep, int yStep) {

        private static final Pass[] NOT_INTERLACED = {new Pass(0, 0, 1, 1)};

        private static final Pass[] INTERLACED = {
            new Pass(0, 0, 8, 8),
            new Pass(4, 0, 8, 8),
            new Pass(0, 4, 4, 8),
            new Pass(2, 0, 4, 4),
            new Pass(0, 2, 2, 4),
            new Pass(1, 0, 2, 2),
            new Pass(0, 1, 1, 2)
        };

        int width(int imageWidth) {
            return (imageWidth - left + xStep - 1) / xStep;
        }

        int height(int imageHeight) {
            return (imageHeight - top + yStep - 1) / yStep;
        }
    }

    private final PngFile file;
    private final Deadline deadline;
    private final PngFile.Chunks chunks;
    private final Inflater inflater = new Inflater();
    private final int colorType;
    private final int bits;
    private final int channels;
    private final byte[] pixels;

    PngPixels(PngFile file, Deadline deadline) {
        this.file = file;
        this.deadline = deadline;
        chunks = file.new Chunks();
        colorType = file.colorType();
        bits = file.bits();
        channels = channels(colorType);
        pixels = new byte[file.width() * file.height() * channels];
    }

    /** {@return the samples per encoded pixel} */
    private static int samples(int colorType) {
        return switch (colorType) {
            case PngFile.GRAY, PngFile.PALETTE -> 1;
            case PngFile.GRAY_ALPHA -> 2;
            case PngFile.RGB -> 3;
            default -> 4;
        };
    }

    /** {@return the samples per decoded pixel; a palette index is one} */
    static int channels(int colorType) {
        return colorType == PngFile.RGB || colorType == PngFile.RGB_ALPHA ? 3 : 1;
    }

    /** {@return the bytes of the row buffers} */
    static long workBytes(PngFile file) {
        return 2L * (1 + rowBytes(file, file.width())) + 3L * file.width();
    }

    private static int rowBytes(PngFile file, int width) {
        return (int) (((long) width * samples(file.colorType()) * file.bits() + 7) / 8);
    }

    /** {@return palette indices, gray values, or interleaved red, green and blue} */
    byte[] decode() {
        for (Pass pass : file.isInterlaced() ? Pass.INTERLACED : Pass.NOT_INTERLACED) {
            int width = pass.width(file.width());
            int height = pass.height(file.height());
            if (width > 0 && height > 0) {
                decode(pass, width, height);
            }
        }
        return pixels;
    }

    private void decode(Pass pass, int width, int height) {
        int length = 1 + rowBytes(file, width);
        byte[] row = new byte[length];
        byte[] above = new byte[length];
        byte[] line = pass.xStep() > 1 ? new byte[width * channels] : null;
        int step = Math.max(samples(colorType) * bits / 8, 1);
        for (int y = 0; y < height; y++) {
            if (y % ROWS_BEFORE_CHECK == 0) {
                file.check(deadline);
            }
            inflate(row);
            PngFilter.undo(row, above, step);
            int at = ((pass.top() + y * pass.yStep()) * file.width() + pass.left()) * channels;
            if (line == null) {
                unpack(row, pixels, at, width);
            } else {
                unpack(row, line, 0, width);
                scatter(line, at, pass.xStep() * channels);
            }
            byte[] done = row;
            row = above;
            above = done;
        }
    }

    private void inflate(byte[] row) {
        int at = 0;
        while (at < row.length) {
            int count;
            try {
                count = inflater.inflate(row, at, row.length - at);
            } catch (DataFormatException e) {
                throw file.format().corrupt();
            }
            at += count;
            if (count == 0 && !nextChunk()) {
                throw file.format().corrupt("it has less data than pixels");
            }
        }
    }

    private boolean nextChunk() {
        if (!inflater.needsInput() || !chunks.next()) {
            return false;
        }
        inflater.setInput(chunks.bytes(), chunks.data(), chunks.length());
        return true;
    }

    /** Converts the encoded samples of a row, from its second byte on, to one byte each. */
    private void unpack(byte[] row, byte[] to, int at, int count) {
        switch (colorType) {
            case PngFile.RGB -> {
                if (bits == 8) {
                    System.arraycopy(row, 1, to, at, 3 * count);
                } else {
                    copyEvery(row, 2, to, at, 3 * count);
                }
            }
            case PngFile.RGB_ALPHA -> dropAlpha(row, bits / 8, to, at, count);
            case PngFile.GRAY_ALPHA -> copyEvery(row, 2 * bits / 8, to, at, count);
            default -> {
                if (bits == 8) {
                    System.arraycopy(row, 1, to, at, count);
                } else if (bits == 16) {
                    clip16Bit(row, to, at, count);
                } else {
                    int scale = colorType == PngFile.GRAY ? 255 / ((1 << bits) - 1) : 1;
                    unpackBits(row, bits, scale, to, at, count);
                }
            }
        }
    }

    /** Copies the first of every {@code step} bytes. */
    private static void copyEvery(byte[] row, int step, byte[] to, int at, int count) {
        for (int i = 0; i < count; i++) {
            to[at + i] = row[1 + i * step];
        }
    }

    /** Copies the high bytes of red, green and blue. */
    private static void dropAlpha(byte[] row, int sampleBytes, byte[] to, int at, int count) {
        for (int i = 0; i < count; i++) {
            int from = 1 + 4 * sampleBytes * i;
            to[at + 3 * i] = row[from];
            to[at + 3 * i + 1] = row[from + sampleBytes];
            to[at + 3 * i + 2] = row[from + 2 * sampleBytes];
        }
    }

    private static void clip16Bit(byte[] row, byte[] to, int at, int count) {
        for (int i = 0; i < count; i++) {
            to[at + i] = row[1 + 2 * i] == 0 ? row[2 + 2 * i] : (byte) 0xFF;
        }
    }

    private static void unpackBits(byte[] row, int bits, int scale, byte[] to, int at, int count) {
        int mask = (1 << bits) - 1;
        int perByte = 8 / bits;
        for (int i = 0; i < count; i++) {
            int packed = row[1 + i / perByte];
            int shift = 8 - bits - i % perByte * bits;
            to[at + i] = (byte) ((packed >> shift & mask) * scale);
        }
    }

    private void scatter(byte[] line, int at, int step) {
        for (int from = 0, to = at; from < line.length; from += channels, to += step) {
            for (int c = 0; c < channels; c++) {
                pixels[to + c] = line[from + c];
            }
        }
    }

    @Override
    public void close() {
        inflater.end();
    }
}
