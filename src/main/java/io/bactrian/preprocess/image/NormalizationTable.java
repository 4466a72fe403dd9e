package io.bactrian.preprocess.image;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.HalfFloats;

/**
 * Per-channel lookup table from an 8-bit sample to its normalized tensor value: (sample × scale −
 * mean) / std in double precision, rounded once to the dtype and kept as its bits.
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
     * {@return the table of (sample × scale − mean) / std per channel, in the tensor's dtype}
     *
     * @param dtype the tensor's dtype, not string or bool
     * @param scale factor of the samples, for all channels
     * @param mean the mean of each channel, after scaling
     * @param std the standard deviation of each channel, after scaling; not 0
     * @throws IllegalArgumentException if the dtype is an integer type and a value is not an
     *     integer in its range
     */
    public static NormalizationTable of(DType dtype, double scale, double[] mean, double[] std) {
        long[][] bits = new long[mean.length][256];
        for (int c = 0; c < mean.length; c++) {
            for (int sample = 0; sample < 256; sample++) {
                bits[c][sample] = bits(dtype, (sample * scale - mean[c]) / std[c]);
            }
        }
        return new NormalizationTable(dtype, bits);
    }

    /**
     * {@return whether {@code dtype} is an integer type}
     *
     * @param dtype any dtype
     */
    public static boolean isInteger(DType dtype) {
        return switch (dtype) {
            case UINT8, UINT16, INT32, INT64 -> true;
            default -> false;
        };
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

    private static long bits(DType dtype, double value) {
        return switch (dtype) {
            case FLOAT16 -> Short.toUnsignedLong(HalfFloats.toFloat16(value));
            case BFLOAT16 -> Short.toUnsignedLong(HalfFloats.toBfloat16(value));
            case FLOAT32 -> Float.floatToRawIntBits((float) value);
            case FLOAT64 -> Double.doubleToRawLongBits(value);
            case UINT8 -> toInteger(dtype, value, 0, 0xFF);
            case UINT16 -> toInteger(dtype, value, 0, 0xFFFF);
            case INT32 -> toInteger(dtype, value, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case INT64 -> toInteger(dtype, value, Long.MIN_VALUE, Long.MAX_VALUE);
            case BOOL, STRING -> throw new IllegalArgumentException("pixels can't be " + dtype);
        };
    }

    private static long toInteger(DType dtype, double value, long min, long max) {
        double nearest = Math.rint(value);
        if (Math.abs(value - nearest) > INTEGER_TOLERANCE || nearest < min || nearest > max) {
            throw new IllegalArgumentException(
                    "dtype "
                            + dtype
                            + " can't hold "
                            + value
                            + ", a pixel's value after scale, mean and std: leave them out, or set"
                            + " dtype to float32");
        }
        return (long) nearest;
    }
}
