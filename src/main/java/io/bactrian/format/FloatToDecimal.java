package io.bactrian.format;

/**
 * The conversion of a float to the shortest decimal that reads back as the same float, and of the
 * shortest ones the nearest: R. Giulietti's Schubfach method ("The Schubfach way to render
 * doubles", 2021), with the tests on bounds as in A. Bolz's presentation of it. {@link
 * Float#toString} does so only from JDK 19 on: before, it gives some floats a digit too many
 * (JDK-4511638).
 *
 * <p>An instance holds the last result, {@code significand · 10^exponent}, and is not safe for use
 * by several threads at once.
 */
final class FloatToDecimal {

    private long significand;
    private int exponent;

    /** {@return the decimal's significand, whose last digit is not 0 unless it is 0 itself} */
    long significand() {
        return significand;
    }

    int exponent() {
        return exponent;
    }

    /**
     * @param value positive and finite
     */
    void convert(float value) {
        int bits = Float.floatToRawIntBits(value);
        convert(bits & 0x7fffff, bits >>> 23, 23, 127);
    }

    /**
     * @param value positive and finite
     */
    void convert(double value) {
        long bits = Double.doubleToRawLongBits(value);
        convert(bits & (1L << 52) - 1, (int) (bits >>> 52), 52, 1023);
    }

    private void convert(long fraction, int biased, int fractionBits, int bias) {
        boolean normal = biased != 0;
        long c = normal ? fraction | 1L << fractionBits : fraction;
        int q = (normal ? biased : 1) - bias - fractionBits;
        if (q <= 0 && q > -Long.SIZE && (c & (1L << -q) - 1) == 0) {
            // An integer whose neighbors are 1 away or less: no other integer reads back as it.
            set(c >>> -q, 0);
            return;
        }
        // A power of two's lower neighbor is half as far as the upper one.
        boolean closerBelow = fraction == 0 && biased > 1;
        // The midpoints to the neighbors read back as this float if its significand is even.
        int open = (int) (c & 1);
        // floor(log10(2^q)), or of 3/4 of it, is the exponent of a decimal step that fits between
        // the midpoints.
        int k = (int) ((q * 1_262_611L - (closerBelow ? 524_031 : 0)) >> 22);
        int h = q + PowersOfTen.floorLog2(-k) + 1;
        long high = PowersOfTen.high(-k);
        long low = PowersOfTen.low(-k);
        if (-k > PowersOfTen.MAX_EXACT && ++low == 0) {
            // This method wants what is no integer rounded up.
            high++;
        }
        // Four times the float and the midpoints, in units of 10^k.
        long lower = scale(high, low, (4 * c - (closerBelow ? 1 : 2)) << h) + open;
        long value = scale(high, low, (4 * c) << h);
        long upper = scale(high, low, (4 * c + 2) << h) - open;
        long s = value >> 2;
        if (s >= 10) {
            long tens = s / 10;
            boolean downFits = lower <= 40 * tens;
            boolean upFits = 40 * tens + 40 <= upper;
            if (downFits != upFits) {
                set(downFits ? tens : tens + 1, k + 1);
                return;
            }
        }
        boolean downFits = lower <= 4 * s;
        boolean upFits = 4 * s + 4 <= upper;
        long middle = 4 * s + 2;
        boolean nearerUp = value > middle || (value == middle && (s & 1) != 0);
        set((downFits != upFits ? upFits : nearerUp) ? s + 1 : s, k);
    }

    /** The upper part of the product, with its last bit set if anything was cut: round to odd. */
    private static long scale(long high, long low, long factor) {
        long carry = PowersOfTen.multiplyHigh(low, factor);
        long bottom = high * factor + carry;
        long top = PowersOfTen.multiplyHigh(high, factor);
        if (Long.compareUnsigned(bottom, carry) < 0) {
            top++;
        }
        return Long.compareUnsigned(bottom, 1) > 0 ? top | 1 : top;
    }

    private void set(long significand, int exponent) {
        while (significand != 0 && significand % 10 == 0) {
            significand /= 10;
            exponent++;
        }
        this.significand = significand;
        this.exponent = exponent;
    }
}
