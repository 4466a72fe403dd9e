package io.bactrian.preprocess.image;

import io.bactrian.tensor.BadInputException;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Random access to the integers and bytes of an encoded image. Reading past the end throws the
 * format's {@link ImageFormat#truncated() truncated} exception.
 */
final class ByteReader {

    private final byte[] bytes;
    private final ImageFormat format;
    private final boolean bigEndian;
    private final int base;
    private final int end;

    ByteReader(byte[] bytes, ImageFormat format, boolean bigEndian) {
        this(bytes, 0, bytes.length, format, bigEndian);
    }

    /**
     * Creates a reader of the bytes from {@code base} to {@code end}, with offsets relative to
     * {@code base}.
     */
    ByteReader(byte[] bytes, int base, int end, ImageFormat format, boolean bigEndian) {
        this.bytes = bytes;
        this.base = base;
        this.end = end;
        this.format = format;
        this.bigEndian = bigEndian;
    }

    ByteOrder order() {
        return bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    int length() {
        return end - base;
    }

    /**
     * Checks that a range lies within the bytes.
     *
     * @return the array index of {@code offset}
     * @throws BadInputException if {@code length} bytes from {@code offset} reach past the end
     */
    int check(long offset, long length) {
        if (offset < 0 || length < 0 || offset + length > length()) {
            throw format.truncated();
        }
        return base + (int) offset;
    }

    byte[] bytes(long offset, long length) {
        int at = check(offset, length);
        return Arrays.copyOfRange(bytes, at, at + (int) length);
    }

    int u8(long offset) {
        return bytes[check(offset, 1)] & 0xFF;
    }

    int u16(long offset) {
        int at = check(offset, 2);
        int first = bytes[at] & 0xFF;
        int second = bytes[at + 1] & 0xFF;
        return bigEndian ? first << 8 | second : second << 8 | first;
    }

    long u32(long offset) {
        long first = u16(offset);
        long second = u16(offset + 2);
        return bigEndian ? first << 16 | second : second << 16 | first;
    }

    int i32(long offset) {
        return (int) u32(offset);
    }

    /** {@return whether the bytes at {@code offset} are this ASCII text; false past the end} */
    boolean has(long offset, String text) {
        if (offset < 0 || offset + text.length() > length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if ((bytes[base + (int) offset + i] & 0xFF) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
