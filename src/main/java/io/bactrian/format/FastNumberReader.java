package io.bactrian.format;

import io.bactrian.tensor.NestedListShape;
import io.bactrian.tensor.TensorBuffer;

/**
 * The fast path of {@link JsonTensorReader}: parses lists of plain numbers, such as images, eight
 * digits at a time, without a branch on the number of digits or the sign. In a text of random
 * numbers those branches are unpredictable, and a mispredicted branch costs as much as ten digits.
 *
 * <p>A plain number has up to 7 digits before the point and 19 in all, and no exponent. At anything
 * else, malformed or only rare, the fast path stops and leaves the value to the scanner, which
 * alone knows the grammar and its errors.
 */
final class FastNumberReader {

    /** The result of {@link #read} at the end of a list. */
    static final int CLOSED = -1;

    /** The bytes that are read without a check for the text's end: a number and some more. */
    private static final int AHEAD = 48;

    private static final int MAX_DIGITS = 19;

    private static final long[] POWERS = {
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000
    };

    private final JsonScanner json;
    private final NestedListShape shape;

    FastNumberReader(JsonScanner json, NestedListShape shape) {
        this.json = json;
        this.shape = shape;
    }

    /**
     * Reads values from the scanner on, which stands before one in an open list, and goes on to the
     * lists beside it that follow.
     *
     * @param values how many values of the list were read before
     * @return how many values of the open list were read by now, with the scanner before the next;
     *     {@link #CLOSED} if the list was closed, with the scanner behind its bracket
     */
    int read(int values, TensorBuffer elements) {
        byte[] text = json.text();
        int end = json.end();
        int count = values;
        int start = json.position();
        while (start <= end - AHEAD) {
            // 1 for every character below '0'; that it is the minus sign is checked at the end.
            int sign = text[start];
            int minus = (sign - '0') >>> 31;
            int at = start + minus;
            long eight;
            int whole;
            long digits;
            boolean plain;
            if (text[at + 1] == '.') {
                // The usual case: a correctly predicted branch does not wait for the digit count.
                whole = 1;
                digits = (long) text[at] - '0';
                plain = digits >= 0 && digits <= 9;
            } else {
                eight = JsonScanner.eightAt(text, at);
                whole = SwarDigits.count(eight);
                digits = SwarDigits.value(eight, whole);
                plain = whole == 1 || (whole > 1 && whole < Long.BYTES && text[at] != '0');
            }
            at += whole;
            int scale = 0;
            if (text[at] == '.') {
                at++;
                eight = JsonScanner.eightAt(text, at);
                int first = SwarDigits.count(eight);
                digits = digits * POWERS[first] + SwarDigits.value(eight, first);
                scale = first;
                while (first == Long.BYTES && scale < MAX_DIGITS) {
                    eight = JsonScanner.eightAt(text, at + scale);
                    first = SwarDigits.count(eight);
                    digits = digits * POWERS[first] + SwarDigits.value(eight, first);
                    scale += first;
                }
                at += scale;
                plain &= scale > 0 && whole + scale <= MAX_DIGITS;
            }
            at = passSpace(text, at, end);
            boolean last = at < end && text[at] == ']';
            if (!plain
                    || minus * (sign ^ '-') != 0
                    || (!last && (at == end || text[at] != ','))
                    || !add(minus, digits, scale, elements)) {
                break;
            }
            at++;
            count++;
            if (last) {
                shape.close(count);
                // What follows the outermost list is not part of the tensor.
                int next = shape.depth() == 0 ? at : listAfter(text, at, end);
                if (next == at) {
                    json.moveTo(at);
                    return CLOSED;
                }
                shape.open();
                count = 0;
                start = next;
            } else {
                start = passSpace(text, at, end);
            }
        }
        json.moveTo(start);
        return count;
    }

    /**
     * Adds the value, and reports whether it is one of the dtype's that needs no slow path.
     *
     * @param minus 1 if the number is negative, or else 0
     */
    private static boolean add(int minus, long digits, int scale, TensorBuffer elements) {
        switch (elements.dtype()) {
            case FLOAT32 -> {
                float value = DecimalToFloat.toFloat(digits, -scale);
                if (Float.isNaN(value)) {
                    return false;
                }
                int bits = Float.floatToRawIntBits(value) ^ minus << 31;
                elements.addFloat(Float.intBitsToFloat(bits));
                return true;
            }
            case FLOAT16, BFLOAT16, FLOAT64 -> {
                double value = DecimalToFloat.toDouble(digits, -scale);
                if (Double.isNaN(value)) {
                    return false;
                }
                elements.addDouble(minus == 1 ? -value : value);
                return true;
            }
            case UINT8, UINT16, INT32, INT64 -> {
                return scale == 0 && elements.addInteger(minus == 1 ? -digits : digits);
            }
            default -> {
                return false;
            }
        }
    }

    /** The position after the bracket of a list that follows, or {@code at} if none does. */
    private static int listAfter(byte[] text, int at, int end) {
        int comma = passSpace(text, at, end);
        if (comma == end || text[comma] != ',') {
            return at;
        }
        int bracket = passSpace(text, comma + 1, end);
        if (bracket == end || text[bracket] != '[') {
            return at;
        }
        int first = passSpace(text, bracket + 1, end);
        boolean value = first < end && (isDigit(text[first]) || text[first] == '-');
        return value ? first : at;
    }

    private static int passSpace(byte[] text, int at, int end) {
        int next = at;
        while (next < end && text[next] <= ' ' && isSpace(text[next])) {
            next++;
        }
        return next;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }
}
