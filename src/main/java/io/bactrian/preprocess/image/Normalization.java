package io.bactrian.preprocess.image;

import io.bactrian.pipeline.PixelRange;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.HalfFloats;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a sample in a tensor: (sample × scale − mean) / std, and for a quantized model
 * that over the quantum plus the zero point, rounded; in double precision, rounded once to the
 * dtype.
 */
public final class Normalization {

    private static final int MAX_SAMPLE = 255;

    private final DType dtype;
    private final double scale;
    private final double[] mean;
    private final double[] std;
    private final @Nullable Quantization quantization;

    /**
     * How a quantized model represents a number.
     *
     * @param scale the distance between two numbers that it represents, greater than 0
     * @param zeroPoint the integer that represents 0
     */
    public record Quantization(double scale, int zeroPoint) {}

    /**
     * Creates a normalization.
     *
     * @param dtype the tensor's dtype, not string or bool
     * @param scale factor of the samples, for all channels
     * @param mean the mean of each channel, after scaling
     * @param std the standard deviation of each channel, after scaling; not 0
     * @param quantization how a quantized model represents the result; null if it is not quantized
     */
    public Normalization(
            DType dtype,
            double scale,
            double[] mean,
            double[] std,
            @Nullable Quantization quantization) {
        this.dtype = dtype;
        this.scale = scale;
        this.mean = mean.clone();
        this.std = std.clone();
        this.quantization = quantization;
    }

    /** {@return the dtype of the results} */
    public DType dtype() {
        return dtype;
    }

    int channels() {
        return mean.length;
    }

    double value(int channel, double sample) {
        double value = (sample * scale - mean[channel]) / std[channel];
        if (quantization == null) {
            return value;
        }
        double integer = Math.rint(value / quantization.scale()) + quantization.zeroPoint();
        return Math.min(Math.max(integer, min()), max());
    }

    /** {@return the range of the results; null for a quantized model, which scales by itself} */
    @Nullable PixelRange pixelRange() {
        if (quantization != null) {
            return null;
        }
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < channels(); c++) {
            double black = value(c, 0);
            double white = value(c, MAX_SAMPLE);
            min = Math.min(min, Math.min(black, white));
            max = Math.max(max, Math.max(black, white));
        }
        return new PixelRange(min, max);
    }

    /** {@return the smallest number of an integer dtype} */
    double min() {
        return switch (dtype) {
            case UINT8, UINT16 -> 0;
            case INT32 -> Integer.MIN_VALUE;
            default -> Long.MIN_VALUE;
        };
    }

    /** {@return the largest number of an integer dtype} */
    double max() {
        return switch (dtype) {
            case UINT8 -> 0xFF;
            case UINT16 -> 0xFFFF;
            case INT32 -> Integer.MAX_VALUE;
            default -> Long.MAX_VALUE;
        };
    }

    /**
     * {@return the bits of a result in the dtype} An integer is truncated and kept in the dtype's
     * range.
     */
    long bits(double value) {
        return switch (dtype) {
            case FLOAT16 -> Short.toUnsignedLong(HalfFloats.toFloat16(value));
            case BFLOAT16 -> Short.toUnsignedLong(HalfFloats.toBfloat16(value));
            case FLOAT32 -> Float.floatToRawIntBits((float) value);
            case FLOAT64 -> Double.doubleToRawLongBits(value);
            case UINT8, UINT16, INT32, INT64 -> (long) Math.min(Math.max(value, min()), max());
            case BOOL, STRING -> throw new IllegalArgumentException("pixels can't be " + dtype);
        };
    }
}
