package io.bactrian.format;

import io.bactrian.tensor.Base64Strings;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * A writer of compact JSON in UTF-8 into a growing byte array.
 *
 * <p>Floats are the shortest decimals that read back as the same float32 or float64, laid out as
 * TensorFlow Serving lays out its 6, 9 or 17 digits: {@code 0.5}, {@code 999999.0}, {@code 9e+06},
 * {@code 3e-05}. Where 6 digits are enough the text is the same. NaN, Infinity and -Infinity are
 * bare tokens, as there. Not safe for use by several threads at once.
 */
final class JsonWriter {

    private static final int INITIAL_SIZE = 256;

    /** More than any number takes: -1.2345678901234567e-308 takes 24. */
    private static final int NUMBER_SIZE = 32;

    /** {@code %g}: this many digits of a number are written before it takes an exponent. */
    private static final int SHORT_DIGITS = 6;

    private static final int FLOAT_DIGITS = 9;
    private static final int DOUBLE_DIGITS = 17;

    /** {@code %g}: the least exponent of ten that is written as leading zeros. */
    private static final int MIN_PLAIN_EXPONENT = -4;

    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    private final FloatToDecimal decimal = new FloatToDecimal();
    private byte[] bytes = new byte[INITIAL_SIZE];
    private int end;

    /** {@return a copy of what was written} */
    byte[] toBytes() {
        return Arrays.copyOf(bytes, end);
    }

    /** Writes one ASCII character as it is. */
    void raw(char c) {
        reserve(1);
        bytes[end++] = (byte) c;
    }

    /** Writes ASCII characters as they are. */
    void raw(String ascii) {
        raw(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    void number(long value) {
        if (value < 0) {
            raw('-');
        }
        reserve(NUMBER_SIZE);
        // Long.MIN_VALUE has no negative: its digits are taken unsigned.
        unsigned(value < 0 ? -value : value);
    }

    void number(float value) {
        if (finite(value)) {
            decimal.convert(Math.abs(value));
            layOut(FLOAT_DIGITS);
        }
    }

    void number(double value) {
        if (finite(value)) {
            decimal.convert(Math.abs(value));
            layOut(DOUBLE_DIGITS);
        }
    }

    /** Writes a string of any characters but halves of surrogate pairs. */
    void string(String text) {
        string(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Writes a string.
     *
     * @param utf8 well-formed, see {@link Utf8#isValid}
     */
    void string(byte[] utf8) {
        raw('"');
        int copied = 0;
        for (int at = 0; at < utf8.length; at++) {
            byte b = utf8[at];
            if ((b >= 0 && b < ' ') || b == '"' || b == '\\') {
                raw(utf8, copied, at);
                escape(b);
                copied = at + 1;
            }
        }
        raw(utf8, copied, utf8.length);
        raw('"');
    }

    /** Writes bytes as {@code {"b64":"…"}}. */
    void base64(byte[] value) {
        raw("{\"" + Base64Strings.KEY + "\":\"");
        raw(Base64.getEncoder().encode(value));
        raw("\"}");
    }

    /** Writes NaN, an infinity, zero or the sign, and returns whether digits are to follow. */
    private boolean finite(double value) {
        if (Double.isNaN(value)) {
            raw("NaN");
            return false;
        }
        if (Double.doubleToRawLongBits(value) < 0) {
            raw('-');
        }
        if (value == 0) {
            raw("0.0");
            return false;
        }
        if (Double.isInfinite(value)) {
            raw("Infinity");
            return false;
        }
        return true;
    }

    private void layOut(int fullDigits) {
        reserve(NUMBER_SIZE);
        int start = end;
        unsigned(decimal.significand());
        int count = end - start;
        int scientific = count - 1 + decimal.exponent();
        int limit = count <= SHORT_DIGITS ? SHORT_DIGITS : fullDigits;
        if (scientific < MIN_PLAIN_EXPONENT || scientific >= limit) {
            if (count > 1) {
                insert(start + 1, 1);
                bytes[start + 1] = '.';
            }
            exponent(scientific);
        } else if (scientific < 0) {
            insert(start, 1 - scientific);
            Arrays.fill(bytes, start, start + 1 - scientific, (byte) '0');
            bytes[start + 1] = '.';
        } else if (scientific < count - 1) {
            insert(start + 1 + scientific, 1);
            bytes[start + 1 + scientific] = '.';
        } else {
            int zeros = decimal.exponent();
            Arrays.fill(bytes, end, end + zeros, (byte) '0');
            end += zeros;
            bytes[end++] = '.';
            bytes[end++] = '0';
        }
    }

    private void insert(int at, int size) {
        System.arraycopy(bytes, at, bytes, at + size, end - at);
        end += size;
    }

    private void exponent(int value) {
        bytes[end++] = 'e';
        bytes[end++] = (byte) (value < 0 ? '-' : '+');
        int magnitude = Math.abs(value);
        if (magnitude < 10) {
            bytes[end++] = '0';
        }
        unsigned(magnitude);
    }

    /** Writes an unsigned number into room that was reserved. */
    private void unsigned(long value) {
        long rest = value;
        int size = 0;
        do {
            rest = Long.divideUnsigned(rest, 10);
            size++;
        } while (rest != 0);
        rest = value;
        for (int at = end + size - 1; at >= end; at--) {
            long tenth = Long.divideUnsigned(rest, 10);
            bytes[at] = (byte) ('0' + (rest - 10 * tenth));
            rest = tenth;
        }
        end += size;
    }

    private void escape(byte b) {
        raw('\\');
        switch (b) {
            case '"', '\\' -> raw((char) b);
            case '\b' -> raw('b');
            case '\f' -> raw('f');
            case '\n' -> raw('n');
            case '\r' -> raw('r');
            case '\t' -> raw('t');
            default -> {
                raw("u00");
                raw((char) HEX[b >> 4]);
                raw((char) HEX[b & 0xf]);
            }
        }
    }

    void raw(byte[] source) {
        raw(source, 0, source.length);
    }

    private void raw(byte[] source, int from, int to) {
        reserve(to - from);
        System.arraycopy(source, from, bytes, end, to - from);
        end += to - from;
    }

    private void reserve(int size) {
        if (bytes.length - end < size) {
            if (size > TensorBuffer.MAX_BYTES - end) {
                throw new IllegalStateException("an answer of more than 2 GiB");
            }
            long grown = Math.max(2L * bytes.length, (long) end + size);
            bytes = Arrays.copyOf(bytes, (int) Math.min(grown, TensorBuffer.MAX_BYTES));
        }
    }
}
