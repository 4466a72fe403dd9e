package io.bactrian.preprocess.image;

import io.bactrian.tensor.DType;

/**
 * Per-channel lookup table from an 8-bit sample to its value by a {@link Normalization}, kept as
 * the dtype's bits.
 *
 * <p>Immutable.
 */
public final class NormalizationTable {

    /** The rounding error allowed in a value for an integer dtype. */
    private static final double INTEGER_TOLERANCE = 1e-6;

    private final DType dtype;
    private final long[][] bits;

    private NormalizationTable(DType dtype, long[][] bits) {
        this.dtype = dtype;
        this.bits = bits;
    }

    /**
     * {@return the table of a normalization}
     *
     * @param normalization of one channel, or of red, green and blue
     * @throws IllegalArgumentException if the dtype is an integer type and a value is not an
     *     integer in its range
     */
    public static NormalizationTable of(Normalization normalization) {
        DType dtype = normalization.dtype();
        long[][] bits = new long[normalization.channels()][256];
        for (int c = 0; c < bits.length; c++) {
            for (int sample = 0; sample < 256; sample++) {
                double value = normalization.value(c, sample);
                bits[c][sample] =
                        normalization.bits(
                                dtype.isInteger() ? integer(normalization, value) : value);
            }
        }
        return new NormalizationTable(dtype, bits);
    }

    /** {@return the dtype of the values} */
    public DType dtype() {
        return dtype;
    }

    int channels() {
        return bits.length;
    }

    byte[] bytes(int channel) {
        byte[] table = new byte[256];
        for (int i = 0; i < 256; i++) {
            table[i] = (byte) bits[channel][i];
        }
        return table;
    }

    short[] shorts(int channel) {
        short[] table = new short[256];
        for (int i = 0; i < 256; i++) {
            table[i] = (short) bits[channel][i];
        }
        return table;
    }

    int[] ints(int channel) {
        int[] table = new int[256];
        for (int i = 0; i < 256; i++) {
            table[i] = (int) bits[channel][i];
        }
        return table;
    }

    long[] longs(int channel) {
        return bits[channel].clone();
    }

    private static double integer(Normalization normalization, double value) {
        double nearest = Math.rint(value);
        if (Math.abs(value - nearest) > INTEGER_TOLERANCE
                || nearest < normalization.min()
                || nearest > normalization.max()) {
            throw new IllegalArgumentException(
                    "dtype "
                            + normalization.dtype()
                            + " can't hold "
                            + value
                            + ", a pixel's value after scale, mean and std: leave them out, or set"
                            + " dtype to float32");
        }
        return nearest;
    }
}
