package io.bactrian.format;

/**
 * The conversion of a decimal, with a significand of at most 19 digits, to the nearest float64 or
 * float32, ties to even, without the arbitrary-precision arithmetic of {@link Double#parseDouble}.
 * A float64 is found exactly from small operands (W. Clinger, "How to read floating point numbers
 * accurately", 1990) or with one or two 64-bit products (D. Lemire, "Number parsing at a gigabyte
 * per second", 2021; with N. Mushtak, "Fast number parsing without fallback", 2023).
 *
 * <p>Both methods return NaN where they can't decide: the caller then falls back to the JDK's
 * parser.
 */
final class DecimalToFloat {

    private static final double[] EXACT_POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22
    };

    private static final int MAX_EXACT_POWER = EXACT_POWERS.length - 1;
    private static final long MAX_EXACT_INTEGER = 1L << 53;

    private static final float[] EXACT_FLOAT_POWERS = {
        1e0f, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f, 1e6f, 1e7f, 1e8f, 1e9f, 1e10f
    };

    private static final int MAX_EXACT_FLOAT_POWER = EXACT_FLOAT_POWERS.length - 1;
    private static final long MAX_EXACT_FLOAT_INTEGER = 1L << 24;

    private static final int FRACTION_BITS = 52;
    private static final int INFINITE_EXPONENT = 0x7ff;
    private static final int EXPONENT_BIAS = 1023;

    /**
     * The bits of a float64's significand that a float32 lacks, and their value at the midpoint of
     * two float32s.
     */
    private static final long BELOW_FLOAT = (1L << 29) - 1;

    private static final long HALF_WAY = 1L << 28;

    private DecimalToFloat() {}

    /**
     * {@return the float64 nearest to significand · 10^exponent; NaN if it takes another way to
     * tell}
     *
     * @param significand unsigned
     */
    static double toDouble(long significand, int exponent) {
        if (significand >= 0 && significand <= MAX_EXACT_INTEGER) {
            // Both operands are exact, so the one operation rounds once.
            if (exponent <= 0 && exponent >= -MAX_EXACT_POWER) {
                return significand / EXACT_POWERS[-exponent];
            }
            if (exponent > 0 && exponent <= MAX_EXACT_POWER) {
                return significand * EXACT_POWERS[exponent];
            }
            if (significand == 0) {
                return 0;
            }
        }
        if (exponent < PowersOfTen.MIN) {
            return 0;
        }
        if (exponent > 308) {
            return Double.POSITIVE_INFINITY;
        }
        return fromProduct(significand, exponent);
    }

    /**
     * {@return the float32 nearest to significand · 10^exponent; NaN if it takes another way to
     * tell}
     *
     * @param significand unsigned
     */
    static float toFloat(long significand, int exponent) {
        if (significand >= 0
                && significand <= MAX_EXACT_FLOAT_INTEGER
                && exponent <= 0
                && exponent >= -MAX_EXACT_FLOAT_POWER) {
            return significand / EXACT_FLOAT_POWERS[-exponent];
        }
        double nearest = toDouble(significand, exponent);
        // Rounding a second time, from float64 to float32, goes wrong only from half way between
        // two float32s, where the float64 may have been rounded to; below the normal range the
        // float32s lie differently.
        if ((Double.doubleToRawLongBits(nearest) & BELOW_FLOAT) == HALF_WAY
                || (nearest < Float.MIN_NORMAL && nearest != 0)) {
            return Float.NaN;
        }
        return (float) nearest;
    }

    private static double fromProduct(long significand, int exponent) {
        int leadingZeros = Long.numberOfLeadingZeros(significand);
        long normalized = significand << leadingZeros;
        long powerHigh = PowersOfTen.high(exponent);
        long high = PowersOfTen.multiplyHigh(normalized, powerHigh);
        long low = normalized * powerHigh;
        if ((high & 0x1ff) == 0x1ff) {
            // A carry from the product with the lower half of the power could reach the bits kept.
            long carry = PowersOfTen.multiplyHigh(normalized, PowersOfTen.low(exponent));
            low += carry;
            if (Long.compareUnsigned(low, carry) < 0) {
                high++;
            }
            if (low == -1) {
                return Double.NaN;
            }
        }
        int topBit = (int) (high >>> 63);
        // 53 bits and one more to round by.
        int shift = topBit + 64 - FRACTION_BITS - 3;
        long fraction = high >>> shift;
        int biased = PowersOfTen.floorLog2(exponent) + topBit + 63 - leadingZeros + EXPONENT_BIAS;
        if (biased <= 0) {
            return Double.NaN;
        }
        if (Long.compareUnsigned(low, 1) <= 0
                && exponent >= -4
                && exponent <= 23
                && (fraction & 3) == 1
                && fraction << shift == high) {
            // Exactly half way, which only these exponents allow: to the even neighbor below.
            fraction--;
        }
        fraction = (fraction + (fraction & 1)) >>> 1;
        if (fraction == 1L << (FRACTION_BITS + 1)) {
            fraction >>>= 1;
            biased++;
        }
        if (biased >= INFINITE_EXPONENT) {
            return Double.POSITIVE_INFINITY;
        }
        return Double.longBitsToDouble(
                (long) biased << FRACTION_BITS | (fraction & (1L << FRACTION_BITS) - 1));
    }
}
