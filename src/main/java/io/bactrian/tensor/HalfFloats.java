package io.bactrian.tensor;

/**
 * Conversions of the two 16-bit floating-point formats: {@link DType#FLOAT16} (IEEE 754 binary16,
 * with 5 exponent bits and 10 fraction bits) and {@link DType#BFLOAT16} (8 and 7 bits, the upper
 * half of a float32).
 *
 * <p>JDK 17 has no such conversions; JDK 20's {@code Float.float16ToFloat} is only for float16.
 */
public final class HalfFloats {

    private static final int FLOAT16_FRACTION_BITS = 10;
    private static final int FLOAT16_MIN_EXPONENT = -14;
    private static final int FLOAT16_MAX_EXPONENT = 15;
    private static final int BFLOAT16_FRACTION_BITS = 7;
    private static final int BFLOAT16_MIN_EXPONENT = -126;
    private static final int BFLOAT16_MAX_EXPONENT = 127;

    private HalfFloats() {}

    /**
     * {@return the bits of the nearest float16, like numpy's {@code float16(value)}}
     *
     * @param value any number; ties are rounded to even, overflow gives an infinity
     */
    public static short toFloat16(double value) {
        return round(value, FLOAT16_FRACTION_BITS, FLOAT16_MIN_EXPONENT, FLOAT16_MAX_EXPONENT);
    }

    /**
     * {@return the bits of the nearest bfloat16}
     *
     * @param value any number; ties are rounded to even, overflow gives an infinity
     */
    public static short toBfloat16(double value) {
        return round(value, BFLOAT16_FRACTION_BITS, BFLOAT16_MIN_EXPONENT, BFLOAT16_MAX_EXPONENT);
    }

    /**
     * {@return the value of a float16, which float32 represents exactly}
     *
     * @param bits the bits of the float16
     */
    public static float fromFloat16(short bits) {
        int exponent = bits >> FLOAT16_FRACTION_BITS & 0x1f;
        int fraction = bits & 0x3ff;
        float magnitude;
        if (exponent == 0x1f) {
            magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        } else if (exponent == 0) {
            magnitude = Math.scalb((float) fraction, FLOAT16_MIN_EXPONENT - FLOAT16_FRACTION_BITS);
        } else {
            magnitude =
                    Math.scalb(
                            (float) (fraction | 0x400),
                            exponent - FLOAT16_MAX_EXPONENT - FLOAT16_FRACTION_BITS);
        }
        return bits < 0 ? -magnitude : magnitude;
    }

    /**
     * {@return the value of a bfloat16, which float32 represents exactly}
     *
     * @param bits the bits of the bfloat16
     */
    public static float fromBfloat16(short bits) {
        return Float.intBitsToFloat(bits << Short.SIZE);
    }

    /** Rounds to a 16-bit format with a sign bit and the given number of fraction bits. */
    private static short round(double value, int fractionBits, int minExponent, int maxExponent) {
        int sign = Double.doubleToRawLongBits(value) < 0 ? 0x8000 : 0;
        int infinity = (2 * maxExponent + 1) << fractionBits;
        if (Double.isNaN(value)) {
            return (short) (infinity | 1 << (fractionBits - 1));
        }
        double magnitude = Math.abs(value);
        int exponent = Math.max(Math.getExponent(magnitude), minExponent);
        if (exponent > maxExponent) {
            return (short) (sign | infinity);
        }
        // In units of the last place. Scaling a double is exact here: small ones are scaled up.
        double units = Math.scalb(magnitude, fractionBits - exponent);
        int rounded = (int) Math.rint(units);
        // A fraction that rounds up to the next power of two carries into the exponent by itself.
        int biased = (exponent - minExponent) << fractionBits;
        return (short) (sign | biased + rounded);
    }
}
