package io.bactrian.preprocess.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Searches in encoded files. */
final class ByteSearch {

    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    private ByteSearch() {}

    /**
     * Eight bytes at a time: a JPEG's data has an FF in 256.
     *
     * @return the place of the first byte FF from {@code from} on, or the array's length
     */
    static int indexOfFF(byte[] bytes, int from) {
        int at = from;
        for (; at <= bytes.length - Long.BYTES; at += Long.BYTES) {
            // a byte of 0 in the complement borrows from its high bit
            long complement = ~(long) LONG.get(bytes, at);
            long zeros = complement - ONES & ~complement & HIGHS;
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
     * {@return the first place of {@code text} from {@code from} on that ends before {@code end},
     * or -1}
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
