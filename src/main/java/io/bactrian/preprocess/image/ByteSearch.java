package io.bactrian.preprocess.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Searches for byte sequences in encoded files. */
final class ByteSearch {

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long LOW_BITS = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private ByteSearch() {}

    /**
     * {@return the index of the first byte FF at or after {@code from}, or the array's length}
     *
     * <p>Tests eight bytes at a time, since only about one byte in 256 of a JPEG's data is FF.
     */
    static int indexOfFF(byte[] bytes, int from) {
        int at = from;
        for (; at <= bytes.length - Long.BYTES; at += Long.BYTES) {
            // subtracting 1 from a zero byte of the complement sets the byte's high bit
            long complement = ~(long) LONG.get(bytes, at);
            long zeros = complement - LOW_BITS & ~complement & HIGH_BITS;
            if (zeros != 0) {
                return at + Long.numberOfTrailingZeros(zeros) / 8;
            }
        }
        while (at < bytes.length && bytes[at] != (byte) 0xFF) {
            at++;
        }
        return Math.min(at, bytes.length);
    }

    /**
     * {@return the index of the first occurrence of {@code text} between {@code from} and {@code
     * end}, or -1}
     *
     * @param text ASCII
     */
    static int indexOf(byte[] bytes, int from, int end, String text) {
        for (int at = from; at <= end - text.length(); at++) {
            int i = 0;
            while (i < text.length() && bytes[at + i] == text.charAt(i)) {
                i++;
            }
            if (i == text.length()) {
                return at;
            }
        }
        return -1;
    }
}
