package io.bactrian.preprocess.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The horizontal resampling pass, in blocks of rows. Each block is transposed, so that its columns
 * are arrays over which the loops of {@link ResampleKernels} vectorize. Since the compiler does not
 * vectorize the transposition itself, each pixel is transposed as one {@code int}, with its
 * channels packed from the lowest byte up.
 */
final class HorizontalPass implements ImageResizer.Source {

    /** Rows transposed in one loop. */
    private static final int ROWS_PER_TRANSPOSE = 4;

    /** The maximum rows per block; longer columns are hardly faster. */
    private static final int MAX_ROWS = 320;

    /**
     * The maximum input and output pixels per block: 2 MB, so that a block fits in the processor's
     * cache. Images so wide that a block would have fewer than {@link #MIN_ROWS} rows exceed it.
     */
    private static final int MAX_PIXELS = 1 << 19;

    private static final int MIN_ROWS = 16;

    /**
     * The number of rows per block is a multiple of this. With the 16-byte array header, the
     * distance between columns then is never a power of two, which would map them to the same cache
     * sets.
     */
    private static final int ROW_MULTIPLE = 8;

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final DecodedImage image;
    private final Coefficients coefficients;
    private final int channels;

    /** Rows per block. */
    private final int rows;

    /** The first row of the block. */
    private int top;

    private final byte[][] bytes;

    /** The transposed block, packed. */
    private final int[][] transposed;

    /** Columns of the block, unpacked, by index modulo the ring's length, and by channel. */
    private final int[][][] ring;

    private final int[] sums;

    /** The block's output, transposed and packed. */
    private final int[][] resized;

    private final int[] row;

    HorizontalPass(DecodedImage image, Coefficients coefficients) {
        this.image = image;
        this.coefficients = coefficients;
        channels = image.channels();
        int out = coefficients.first.length;
        rows = rows(image.height(), image.width() + out);
        top = -rows;
        bytes = new byte[ROWS_PER_TRANSPOSE][image.width() * channels + 1];
        transposed = new int[image.width()][rows];
        ring = ResampleKernels.ring(coefficients, channels, rows);
        sums = new int[rows];
        resized = new int[out][rows];
        row = new int[out];
    }

    /** {@return the rows per block, such that all blocks have about the same height} */
    static int rows(int height, int columns) {
        int max = Math.max(MIN_ROWS, Math.min(MAX_ROWS, MAX_PIXELS / columns));
        int blocks = (height + max - 1) / max;
        return (height + blocks * ROW_MULTIPLE - 1) / (blocks * ROW_MULTIPLE) * ROW_MULTIPLE;
    }

    @Override
    public void row(int y, int[][] samples) {
        if (y >= top + rows) {
            top = y;
            read();
            resize();
        }
        int at = y - top;
        for (int x = 0; x < row.length; x++) {
            row[x] = resized[x][at];
        }
        for (int c = 0; c < channels; c++) {
            ResampleKernels.unpack(row, c * 8, samples[c]);
        }
    }

    private void read() {
        int end = Math.min(top + rows, image.height());
        for (int y = top; y < end; y += ROWS_PER_TRANSPOSE) {
            for (int i = 0; i < Math.min(ROWS_PER_TRANSPOSE, end - y); i++) {
                image.row(y + i, bytes[i]);
            }
            if (channels == 3) {
                transposeColor(bytes[0], bytes[1], bytes[2], bytes[3], transposed, y - top);
            } else {
                transposeGray(bytes[0], bytes[1], bytes[2], bytes[3], transposed, y - top);
            }
        }
    }

    private static void transposeColor(
            byte[] a, byte[] b, byte[] c, byte[] d, int[][] transposed, int at) {
        for (int x = 0; x < transposed.length; x++) {
            int[] column = transposed[x];
            column[at] = (int) INT.get(a, 3 * x);
            column[at + 1] = (int) INT.get(b, 3 * x);
            column[at + 2] = (int) INT.get(c, 3 * x);
            column[at + 3] = (int) INT.get(d, 3 * x);
        }
    }

    private static void transposeGray(
            byte[] a, byte[] b, byte[] c, byte[] d, int[][] transposed, int at) {
        for (int x = 0; x < transposed.length; x++) {
            int[] column = transposed[x];
            column[at] = a[x];
            column[at + 1] = b[x];
            column[at + 2] = c[x];
            column[at + 3] = d[x];
        }
    }

    private void resize() {
        int next = coefficients.first[0];
        for (int x = 0; x < coefficients.first.length; x++) {
            int end = coefficients.first[x] + coefficients.count[x];
            for (; next < end; next++) {
                for (int c = 0; c < channels; c++) {
                    ResampleKernels.unpack(
                            transposed[next], c * 8, ring[next & ring.length - 1][c]);
                }
            }
            Arrays.fill(resized[x], 0);
            for (int c = 0; c < channels; c++) {
                ResampleKernels.weightedSum(coefficients, x, ring, c, sums);
                ResampleKernels.pack(sums, c * 8, resized[x]);
            }
        }
    }
}
