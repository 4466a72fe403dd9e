package io.bactrian.format;

/**
 * Branch-free SWAR ("SIMD within a register") parsing of up to eight ASCII digits, the bytes of a
 * long whose lowest byte is the first character.
 */
final class SwarDigits {

    private static final long ZEROS = 0x3030303030303030L;
    private static final long TOP_BITS = 0x8080808080808080L;

    /** Added to a byte, it sets the top bit if the byte is above 9. */
    private static final long ABOVE_NINE = 0x7676767676767676L;

    private SwarDigits() {}

    /** {@return how many of the characters, from the first on, are digits: 0 to 8} */
    static int count(long characters) {
        long values = characters ^ ZEROS;
        // A carry out of a byte only reaches those after it, which are not looked at then.
        long others = (values + ABOVE_NINE | values) & TOP_BITS;
        return Long.numberOfTrailingZeros(others) >> 3;
    }

    /**
     * {@return their number; 0 if there are none}
     *
     * @param count of digits that the characters begin with
     */
    static long value(long characters, int count) {
        // Digits move to the end, zeros come before them; a shift by 64 would be one by 0.
        long any = -count >> 31;
        long values = (characters ^ ZEROS) << (-Byte.SIZE * count) & any;
        // Pairs of digits, fours, and all: each step adds ten, a hundred, ten thousand times the
        // upper half to the lower one.
        long pairs = values * 10 + (values >>> 8);
        long upper = (pairs & 0x000000ff000000ffL) * (100 + (1_000_000L << 32));
        long lower = (pairs >>> 16 & 0x000000ff000000ffL) * (1 + (10_000L << 32));
        return (upper + lower) >>> 32;
    }
}
