package io.bactrian.preprocess.image;

import io.bactrian.limit.Deadline;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The decoder of a PNG's pixels, row by row, which inflates no byte more than the pixels need.
 *
 * <p>This is not left to TensorFlow's decoder, which is libpng: once it has all rows, it inflates
 * whatever else is in the file, up to a thousand bytes of each, and nothing stops it. To find out
 * beforehand takes inflating each file twice, half as long again. Pillow's decoder is its own, too
 * (src/libImaging/ZipDecode.c).
 */
final class PngPixels implements AutoCloseable {

    /** Rows between two looks at the clock. */
    private static final int ROWS_BEFORE_CHECK = 16;

    /**
     * The part of an image that a pass over it fills: where it starts and how far apart its pixels
     * are.
     */
    private record Pass(int left, int top, int right, int down) {

        private static final Pass[] WHOLE = {new Pass(0, 0, 1, 1)};

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
            return (imageWidth - left + right - 1) / right;
        }

        int height(int imageHeight) {
            return (imageHeight - top + down - 1) / down;
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

    /** Samples a pixel of the file. */
    private static int samples(int colorType) {
        return switch (colorType) {
            case PngFile.GRAY, PngFile.PALETTE -> 1;
            case PngFile.GRAY_ALPHA -> 2;
            case PngFile.RGB -> 3;
            default -> 4;
        };
    }

    /** Samples a decoded pixel. */
    static int channels(int colorType) {
        return colorType == PngFile.RGB || colorType == PngFile.RGB_ALPHA ? 3 : 1;
    }

    /** Memory for rows that are being decoded. */
    static long workBytes(PngFile file) {
        return 2L * (1 + rowBytes(file, file.width())) + 3L * file.width();
    }

    private static int rowBytes(PngFile file, int width) {
        return (int) (((long) width * samples(file.colorType()) * file.bits() + 7) / 8);
    }

    /** {@return palette indices, or grays, or red, green and blue} */
    byte[] decode() {
        for (Pass pass : file.isInterlaced() ? Pass.INTERLACED : Pass.WHOLE) {
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
        byte[] line = pass.right() > 1 ? new byte[width * channels] : null;
        int step = Math.max(samples(colorType) * bits / 8, 1);
        for (int y = 0; y < height; y++) {
            if (y % ROWS_BEFORE_CHECK == 0) {
                file.check(deadline);
            }
            inflate(row);
            PngFilter.undo(row, above, step);
            int at = ((pass.top() + y * pass.down()) * file.width() + pass.left()) * channels;
            if (line == null) {
                unpack(row, pixels, at, width);
            } else {
                unpack(row, line, 0, width);
                scatter(line, at, pass.right() * channels);
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
            if (count == 0 && !more()) {
                throw file.format().corrupt("it has less data than pixels");
            }
        }
    }

    private boolean more() {
        if (!inflater.needsInput() || !chunks.next()) {
            return false;
        }
        inflater.setInput(chunks.bytes(), chunks.data(), chunks.length());
        return true;
    }

    /** Samples of the file's form, from the second byte of a row on, to bytes. */
    private void unpack(byte[] row, byte[] to, int at, int count) {
        switch (colorType) {
            case PngFile.RGB -> {
                if (bits == 8) {
                    System.arraycopy(row, 1, to, at, 3 * count);
                } else {
                    every(row, 2, to, at, 3 * count);
                }
            }
            case PngFile.RGB_ALPHA -> colors(row, bits / 8, to, at, count);
            case PngFile.GRAY_ALPHA -> every(row, 2 * bits / 8, to, at, count);
            default -> {
                if (bits == 8) {
                    System.arraycopy(row, 1, to, at, count);
                } else if (bits == 16) {
                    clipped(row, to, at, count);
                } else {
                    int scale = colorType == PngFile.GRAY ? 255 / ((1 << bits) - 1) : 1;
                    narrow(row, bits, scale, to, at, count);
                }
            }
        }
    }

    /** The first of so many bytes. */
    private static void every(byte[] row, int step, byte[] to, int at, int count) {
        for (int i = 0; i < count; i++) {
            to[at + i] = row[1 + i * step];
        }
    }

    /** Red, green and blue, each the first of its bytes, without alpha. */
    private static void colors(byte[] row, int sampleBytes, byte[] to, int at, int count) {
        for (int i = 0; i < count; i++) {
            int from = 1 + 4 * sampleBytes * i;
            to[at + 3 * i] = row[from];
            to[at + 3 * i + 1] = row[from + sampleBytes];
            to[at + 3 * i + 2] = row[from + 2 * sampleBytes];
        }
    }

    private static void clipped(byte[] row, byte[] to, int at, int count) {
        for (int i = 0; i < count; i++) {
            to[at + i] = row[1 + 2 * i] == 0 ? row[2 + 2 * i] : (byte) 0xFF;
        }
    }

    private static void narrow(byte[] row, int bits, int scale, byte[] to, int at, int count) {
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
