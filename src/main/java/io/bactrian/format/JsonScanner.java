package io.bactrian.format;

import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.Utf8;
import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A validating cursor over a JSON text in UTF-8, which parses numbers without allocating objects.
 *
 * <p>The grammar is RFC 8259's, with additional tokens for NaN and infinities. The {@link Dialect}
 * decides which, how deep values may be nested, and whether anything may follow the document.
 * Strings must be well-formed UTF-8; a byte order mark at the start is skipped. No method recurses.
 *
 * <p>Errors are {@link BadInputException}s with the texts and byte offsets of RapidJSON, TensorFlow
 * Serving's parser: {@code JSON Parse error: Invalid value. at offset: 12}. Not safe for use by
 * several threads at once.
 */
public final class JsonScanner {

    /** The result of {@link #peek} at the end of the text. */
    public static final int END = -1;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int MAX_DIGITS = 19;

    /** An exponent this large or larger is left to the JDK's parser. */
    private static final int LARGE_EXPONENT = 100_000_000;

    private final byte[] json;
    private final int start;
    private final int end;
    private final Dialect dialect;
    private int position;

    // The number last scanned: significand · 10^exponent, unless it is special or inexact.
    private int numberStart;
    private boolean negative;
    private boolean integer;
    private boolean exact;
    private long significand;
    private int exponent;

    /** NaN or an infinity instead of digits, if it is not 0. */
    private double special;

    // The string last scanned, without its quotes.
    private int stringStart;
    private int stringEnd;
    private boolean escaped;

    /**
     * Creates a scanner of a whole array.
     *
     * @param json a text in UTF-8, which must not be changed while it is read
     * @param dialect the grammar
     */
    public JsonScanner(byte[] json, Dialect dialect) {
        this(json, 0, json.length, dialect);
    }

    /**
     * Creates a scanner of a part of an array.
     *
     * @param json a text in UTF-8, which must not be changed while it is read
     * @param offset the index of the first byte
     * @param length the number of bytes
     * @param dialect the grammar
     */
    public JsonScanner(byte[] json, int offset, int length, Dialect dialect) {
        this.json = json;
        this.dialect = dialect;
        this.start = offset;
        this.end = offset + length;
        boolean mark =
                length >= 3
                        && json[offset] == (byte) 0xef
                        && json[offset + 1] == (byte) 0xbb
                        && json[offset + 2] == (byte) 0xbf;
        this.position = mark ? offset + 3 : offset;
    }

    /** {@return the position of the cursor, for {@link #moveTo}} */
    public int position() {
        return position;
    }

    /**
     * Moves the cursor back.
     *
     * @param position an earlier result of {@link #position}
     */
    public void moveTo(int position) {
        this.position = position;
    }

    /**
     * Passes white space.
     *
     * @return the byte after it, unsigned, which is not passed; {@link #END} if there is none
     */
    public int peek() {
        int at = position;
        while (at < end) {
            int b = json[at] & 0xff;
            if (b > ' ' || (b != ' ' && b != '\n' && b != '\r' && b != '\t')) {
                position = at;
                return b;
            }
            at++;
        }
        position = at;
        return END;
    }

    /** Passes the byte last peeked at. */
    public void skip() {
        position++;
    }

    /**
     * Starts reading a document.
     *
     * @return the first byte of its value, as {@link #peek}
     * @throws BadInputException if there is no value
     */
    public int peekDocument() {
        if (start == end) {
            throw new BadInputException("JSON Parse error: The document is empty");
        }
        int b = peek();
        if (b == END) {
            throw error("The document is empty.", position);
        }
        return b;
    }

    /**
     * Ends reading a document.
     *
     * @throws BadInputException if anything but white space is left, unless the dialect ignores it
     */
    public void endDocument() {
        if (!dialect.ignoresTrailingText() && peek() != END) {
            throw error("The document root must not be followed by other values.", position);
        }
    }

    /**
     * Passes what follows an element of a list, up to the next element or the list's end.
     *
     * @return whether another element follows
     */
    public boolean nextElement() {
        int b = peek();
        if (b != ',' && b != ']') {
            throw error("Missing a comma or ] after an array element.", position);
        }
        position++;
        return b == ',';
    }

    /**
     * Passes what follows a member of an object, up to the next member or the object's end.
     *
     * @return whether another member follows
     */
    public boolean nextMember() {
        int b = peek();
        if (b != ',' && b != '}') {
            throw error("Missing a comma or } after an object member.", position);
        }
        position++;
        return b == ',';
    }

    /**
     * Passes an opening brace or bracket that was peeked at, and the closing one if it follows.
     *
     * @return whether there is anything in between
     */
    public boolean enter() {
        int close = json[position] == '{' ? '}' : ']';
        position++;
        if (peek() == close) {
            position++;
            return false;
        }
        return true;
    }

    /**
     * Passes a member's name and the colon after it.
     *
     * @return the name
     */
    public String name() {
        skipName();
        return new String(stringBytes(), StandardCharsets.UTF_8);
    }

    /**
     * Passes a value of any kind, and validates it.
     *
     * @throws BadInputException if it is not JSON, or nested deeper than the dialect allows
     */
    public void skipValue() {
        // Whether the list or object at each depth is an object, a bit a level.
        long[] objects = new long[1];
        int depth = 0;
        do {
            int b = peek();
            if (b == '{' || b == '[') {
                if (enter()) {
                    if (depth == dialect.maxDepth()) {
                        throw error("Nested more than " + depth + " levels deep.", position);
                    }
                    if (depth >> 6 == objects.length) {
                        objects = Arrays.copyOf(objects, 2 * objects.length);
                    }
                    if (b == '{') {
                        objects[depth >> 6] |= 1L << depth;
                        skipName();
                    } else {
                        objects[depth >> 6] &= ~(1L << depth);
                    }
                    depth++;
                    continue;
                }
            } else {
                skipScalar(b);
            }
            while (depth > 0) {
                int around = depth - 1;
                if ((objects[around >> 6] >>> around & 1) == 0) {
                    if (nextElement()) {
                        break;
                    }
                } else if (nextMember()) {
                    skipName();
                    break;
                }
                depth--;
            }
        } while (depth > 0);
    }

    /**
     * Passes what is neither list nor object.
     *
     * @param first its first byte, peeked at
     */
    void skipScalar(int first) {
        switch (first) {
            case '"' -> skipString();
            case 't' -> skipWord("true");
            case 'f' -> skipWord("false");
            case 'n' -> skipWord("null");
            default -> {
                if (!scanNumber()) {
                    throw error("Invalid value.", position);
                }
                // Its range is part of what makes a text valid, as in RapidJSON.
                doubleValue();
            }
        }
    }

    /**
     * Passes true or false if one of them follows.
     *
     * @param first its first byte, peeked at
     * @return which; null if neither does
     */
    @Nullable Boolean readBoolean(int first) {
        if (first == 't') {
            skipWord("true");
            return Boolean.TRUE;
        }
        if (first == 'f') {
            skipWord("false");
            return Boolean.FALSE;
        }
        return null;
    }

    /**
     * Passes a string whose opening quote was peeked at.
     *
     * @return its bytes in UTF-8, escapes resolved
     */
    public byte[] readString() {
        skipString();
        return stringBytes();
    }

    /**
     * Passes a number if one follows, for {@link #floatValue} and its like to give before the
     * cursor moves on.
     *
     * @return whether there is one; if not, nothing is passed
     * @throws BadInputException if it begins as one but breaks the grammar
     */
    public boolean scanNumber() {
        byte[] text = json;
        int at = position;
        numberStart = at;
        negative = at < end && text[at] == '-';
        if (negative) {
            at++;
        }
        int first = at;
        int digit = digitAt(at);
        long number;
        if (digit > 0) {
            number = digit;
            at++;
            while ((digit = digitAt(at)) >= 0) {
                number = 10 * number + digit;
                at++;
            }
        } else if (digit == 0) {
            number = 0;
            at++;
            // Another digit would be a leading zero's: the number ends, and the caller stumbles.
        } else {
            return scanSpecial(at);
        }
        int significant = at - first;
        int scale = 0;
        boolean whole = true;
        if (at < end && text[at] == '.') {
            at++;
            int fraction = at;
            while (at + Long.BYTES <= end) {
                long eight = eightAt(text, at);
                if (SwarDigits.count(eight) < Long.BYTES) {
                    break;
                }
                number = 100_000_000 * number + SwarDigits.value(eight, Long.BYTES);
                at += Long.BYTES;
            }
            while ((digit = digitAt(at)) >= 0) {
                number = 10 * number + digit;
                at++;
            }
            if (at == fraction) {
                throw error("Miss fraction part in number.", at);
            }
            scale = fraction - at;
            significant += at - fraction;
            whole = false;
        }
        boolean fits = true;
        if (at < end && (text[at] | 0x20) == 'e') {
            at++;
            boolean down = at < end && text[at] == '-';
            if (down || (at < end && text[at] == '+')) {
                at++;
            }
            if (digitAt(at) < 0) {
                throw error("Miss exponent in number.", at);
            }
            int power = 0;
            while ((digit = digitAt(at)) >= 0) {
                if (power < LARGE_EXPONENT) {
                    power = 10 * power + digit;
                }
                at++;
            }
            fits = power < LARGE_EXPONENT;
            scale += down ? -power : power;
            whole = false;
        }
        if (significant > MAX_DIGITS) {
            fits &= significant - leadingZeros(first) <= MAX_DIGITS;
        }
        position = at;
        significand = number;
        exponent = scale;
        integer = whole;
        exact = fits;
        special = 0;
        return true;
    }

    /**
     * {@return the last number as the nearest float32, ties to even; out of its range, an infinity,
     * as in TensorFlow Serving}
     *
     * @throws BadInputException if it is out of a float64's range
     */
    public float floatValue() {
        float value = exact ? DecimalToFloat.toFloat(significand, exponent) : Float.NaN;
        if (Float.isNaN(value) || value == Float.POSITIVE_INFINITY) {
            return hardFloat();
        }
        return negative ? -value : value;
    }

    /**
     * {@return the last number as the nearest float64, ties to even}
     *
     * @throws BadInputException if it is out of a float64's range
     */
    public double doubleValue() {
        double value = exact ? DecimalToFloat.toDouble(significand, exponent) : Double.NaN;
        if (Double.isNaN(value) || value == Double.POSITIVE_INFINITY) {
            return hardDouble();
        }
        return negative ? -value : value;
    }

    /**
     * {@return whether the last number is written as an integer (1, not 1.0 or 1e0) and fits a
     * long}
     */
    public boolean isLong() {
        // Long.MIN_VALUE's significand is 2^63 unsigned, which is MIN_VALUE as a long.
        return integer
                && exact
                && (significand >= 0 || (negative && significand == Long.MIN_VALUE));
    }

    /** {@return the last number, if {@link #isLong}} */
    public long longValue() {
        return negative ? -significand : significand;
    }

    /**
     * @param reason a sentence, with a full stop
     * @param at the position it is about
     */
    BadInputException error(String reason, int at) {
        return new BadInputException("JSON Parse error: " + reason + " at offset: " + (at - start));
    }

    /** {@return the text from {@code from} to the cursor, or its first {@code most} bytes} */
    String textFrom(int from, int most) {
        return new String(json, from, Math.min(position - from, most), StandardCharsets.UTF_8);
    }

    private int digitAt(int at) {
        if (at >= end) {
            return -1;
        }
        int digit = json[at] - '0';
        return digit <= 9 ? digit : -1;
    }

    /** How many zeros the number starts with before its first other digit, the point aside. */
    private int leadingZeros(int first) {
        int zeros = 0;
        for (int at = first; json[at] == '0' || json[at] == '.'; at++) {
            zeros += json[at] == '0' ? 1 : 0;
            if (at + 1 == end) {
                break;
            }
        }
        return zeros;
    }

    /** {@return the text, of which what is before {@link #position} was read} */
    byte[] text() {
        return json;
    }

    Dialect dialect() {
        return dialect;
    }

    /** {@return where the text ends} */
    int end() {
        return end;
    }

    /** Eight bytes, the first in the lowest. */
    static long eightAt(byte[] text, int at) {
        return (long) LONGS.get(text, at);
    }

    private boolean scanSpecial(int at) {
        double value;
        if (at < end && json[at] == 'N' && (!negative || dialect.readsShortInfinity())) {
            position = at;
            skipWord("NaN");
            value = Double.NaN;
        } else if (at < end && json[at] == 'I') {
            position = at;
            skipWord("Inf");
            if (!dialect.readsShortInfinity() || (position < end && json[position] == 'i')) {
                skipWord("inity");
            }
            value = Double.POSITIVE_INFINITY;
        } else if (negative) {
            throw error("Invalid value.", at);
        } else {
            return false;
        }
        special = negative ? -value : value;
        integer = false;
        exact = false;
        return true;
    }

    private float hardFloat() {
        if (special != 0) {
            return (float) special;
        }
        // Out of a float64's range is an error, out of a float32's is not.
        hardDouble();
        return Float.parseFloat(textFrom(numberStart, Integer.MAX_VALUE));
    }

    private double hardDouble() {
        if (special != 0) {
            return special;
        }
        double value = Double.parseDouble(textFrom(numberStart, Integer.MAX_VALUE));
        if (Double.isInfinite(value)) {
            throw error("Number too big to be stored in double.", numberStart);
        }
        return value;
    }

    private void skipWord(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (position == end || json[position] != word.charAt(i)) {
                throw error("Invalid value.", position);
            }
            position++;
        }
    }

    private void skipName() {
        if (peek() != '"') {
            throw error("Missing a name for object member.", position);
        }
        skipString();
        if (peek() != ':') {
            throw error("Missing a colon after a name of object member.", position);
        }
        position++;
    }

    private void skipString() {
        int at = position + 1;
        stringStart = at;
        escaped = false;
        while (true) {
            while (at + Long.BYTES <= end && isPlain(eightAt(json, at))) {
                at += Long.BYTES;
            }
            if (at == end) {
                throw error("Missing a closing quotation mark in string.", at);
            }
            byte b = json[at];
            if (b == '"') {
                break;
            }
            if (b == '\\') {
                escaped = true;
                at = skipEscape(at);
            } else if (b >= ' ') {
                at++;
            } else {
                int length = b < 0 ? Utf8.sequenceLength(json, at, end) : 0;
                if (length == 0) {
                    throw error("Invalid encoding in string.", at);
                }
                at += length;
            }
        }
        stringEnd = at;
        position = at + 1;
    }

    /** Whether eight bytes are ASCII and none is a quote, a backslash or a control character. */
    private static boolean isPlain(long eight) {
        long quote = eight ^ 0x2222222222222222L;
        long backslash = eight ^ 0x5c5c5c5c5c5c5c5cL;
        // A byte minus 1 (or 0x20) borrows into its top bit if it is less, or had it set.
        return ((eight
                                | eight - 0x2020202020202020L
                                | quote - 0x0101010101010101L
                                | backslash - 0x0101010101010101L)
                        & 0x8080808080808080L)
                == 0;
    }

    /** Checks the escape whose backslash is at {@code at}, and returns the position after it. */
    private int skipEscape(int at) {
        if (at + 1 == end) {
            throw error("Invalid escape character in string.", at);
        }
        switch (json[at + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {
                return at + 2;
            }
            case 'u' -> {
                int unit = hexUnit(at + 2, at);
                if (!Character.isSurrogate((char) unit)) {
                    return at + 6;
                }
                boolean pair =
                        Character.isHighSurrogate((char) unit)
                                && at + 7 < end
                                && json[at + 6] == '\\'
                                && json[at + 7] == 'u'
                                && Character.isLowSurrogate((char) hexUnit(at + 8, at));
                if (!pair) {
                    throw error("The surrogate pair in string is invalid.", at);
                }
                return at + 12;
            }
            default -> throw error("Invalid escape character in string.", at);
        }
    }

    private int hexUnit(int at, int escape) {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at + i < end ? Character.digit(json[at + i], 16) : -1;
            if (digit < 0) {
                throw error("Incorrect hex digit after \\u escape in string.", escape);
            }
            unit = unit << 4 | digit;
        }
        return unit;
    }

    /** The string last scanned, which was found well-formed then. */
    private byte[] stringBytes() {
        if (!escaped) {
            return Arrays.copyOfRange(json, stringStart, stringEnd);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(stringEnd - stringStart);
        for (int at = stringStart; at < stringEnd; ) {
            if (json[at] != '\\') {
                bytes.write(json[at++]);
                continue;
            }
            switch (json[at + 1]) {
                case 'u' -> {
                    int length = Character.isSurrogate((char) hexUnit(at + 2, at)) ? 12 : 6;
                    StringBuilder text = new StringBuilder(2);
                    for (int unit = at; unit < at + length; unit += 6) {
                        text.append((char) hexUnit(unit + 2, unit));
                    }
                    bytes.writeBytes(text.toString().getBytes(StandardCharsets.UTF_8));
                    at += length;
                    continue;
                }
                case 'b' -> bytes.write('\b');
                case 'f' -> bytes.write('\f');
                case 'n' -> bytes.write('\n');
                case 'r' -> bytes.write('\r');
                case 't' -> bytes.write('\t');
                default -> bytes.write(json[at + 1]);
            }
            at += 2;
        }
        return bytes.toByteArray();
    }
}
