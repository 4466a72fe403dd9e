package io.bactrian.format;

import java.math.BigInteger;

/**
 * The powers of ten as 128-bit binary fractions, for decimal to binary ({@link DecimalToFloat}) and
 * back ({@link FloatToDecimal}): 10^k = g · 2^(floor(log2(10^k)) - 127), with 2^127 ≤ g &lt; 2^128.
 * Where g is no integer it is rounded up below 10^0 and down above, as the proof of {@link
 * DecimalToFloat}'s method wants it.
 */
final class PowersOfTen {

    /** The least decimal exponent at which a 19-digit number is not 0 as a float64. */
    static final int MIN = -342;

    /** What the shortest text of the smallest float64 needs. */
    static final int MAX = 324;

    /** 5^55 is the last power of five below 2^128: up to it g is exact. */
    static final int MAX_EXACT = 55;

    private static final long[] HIGH = new long[MAX - MIN + 1];
    private static final long[] LOW = new long[MAX - MIN + 1];

    static {
        // 10^k and 5^k differ in the exponent only.
        BigInteger five = BigInteger.valueOf(5);
        BigInteger power = BigInteger.ONE;
        for (int k = 0; k <= Math.max(MAX, -MIN); k++) {
            int bits = power.bitLength();
            if (k <= MAX) {
                set(k, bits <= 128 ? power.shiftLeft(128 - bits) : power.shiftRight(bits - 128));
            }
            if (k > 0 && -k >= MIN) {
                BigInteger reciprocal = BigInteger.ONE.shiftLeft(bits + 127).divide(power);
                set(-k, reciprocal.add(BigInteger.ONE));
            }
            power = power.multiply(five);
        }
    }

    private PowersOfTen() {}

    /** {@return the upper 64 bits of g for 10^k} */
    static long high(int k) {
        return HIGH[k - MIN];
    }

    /** {@return the lower 64 bits of g for 10^k} */
    static long low(int k) {
        return LOW[k - MIN];
    }

    /** {@return floor(log2(10^k)), right for every k here} */
    static int floorLog2(int k) {
        return (k * 1741647) >> 19;
    }

    /**
     * {@return the upper 64 bits of the product of two unsigned numbers (JDK 18 has it in Math)}
     */
    static long multiplyHigh(long a, long b) {
        return Math.multiplyHigh(a, b) + (a & b >> 63) + (b & a >> 63);
    }

    private static void set(int k, BigInteger g) {
        HIGH[k - MIN] = g.shiftRight(64).longValue();
        LOW[k - MIN] = g.longValue();
    }
}
