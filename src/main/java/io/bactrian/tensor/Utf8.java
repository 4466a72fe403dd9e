package io.bactrian.tensor;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Strict UTF-8 encoding and validation. Java's {@code new String(bytes, UTF_8)} and {@code
 * getBytes} replace malformed input, which would corrupt a caller's data silently.
 */
public final class Utf8 {

    private Utf8() {}

    /**
     * {@return the length of the well-formed sequence (Unicode's table 3-7: no surrogates, nothing
     * overlong, at most U+10FFFF) that starts at {@code at}: 1 to 4; 0 if none does}
     */
    public static int sequenceLength(byte[] bytes, int at, int end) {
        int first = bytes[at] & 0xff;
        if (first < 0x80) {
            return 1;
        }
        if (first < 0xc2 || first > 0xf4) {
            return 0;
        }
        int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (end - at < length) {
            return 0;
        }
        int second = bytes[at + 1] & 0xff;
        int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < least || second > most) {
            return 0;
        }
        for (int i = 2; i < length; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return length;
    }

    /** {@return whether all of {@code bytes} is well-formed UTF-8} */
    public static boolean isValid(byte[] bytes) {
        for (int at = 0; at < bytes.length; ) {
            int length = sequenceLength(bytes, at, bytes.length);
            if (length == 0) {
                return false;
            }
            at += length;
        }
        return true;
    }

    /**
     * {@return the text's bytes}
     *
     * @param name the text's name in the error
     * @throws BadInputException if it has half of a surrogate pair, which no bytes stand for
     */
    public static byte[] encode(CharSequence text, String name) {
        byte[] bytes = encode(text);
        if (bytes == null) {
            throw new BadInputException(
                    name + " is not well-formed Unicode: it has half of a surrogate pair");
        }
        return bytes;
    }

    /** {@return the text's bytes; null if it has half of a surrogate pair} */
    public static byte @Nullable [] encode(CharSequence text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
