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
     * {@return the length of the well-formed byte sequence at an index, 1 to 4; 0 if it is
     * malformed (Unicode table 3-7: a surrogate, an overlong encoding, or beyond U+10FFFF) or
     * truncated}
     *
     * @param bytes a text in UTF-8
     * @param at the index of the first byte of the sequence
     * @param end the index after the text
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
        int min = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int max = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < min || second > max) {
            return 0;
        }
        for (int i = 2; i < length; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return length;
    }

    /**
     * {@return whether a text is well-formed UTF-8}
     *
     * @param bytes the whole text
     */
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
     * {@return the text in UTF-8}
     *
     * @param text any text
     * @param name the text's name in the error
     * @throws BadInputException if the text has an unpaired surrogate, which UTF-8 can't encode
     */
    public static byte[] encode(CharSequence text, String name) {
        byte[] bytes = encode(text);
        if (bytes == null) {
            throw malformed(name);
        }
        return bytes;
    }

    /**
     * Checks that UTF-8 can encode a text.
     *
     * @param text any text
     * @param name the text's name in the error
     * @throws BadInputException if the text has an unpaired surrogate
     */
    public static void requireWellFormed(CharSequence text, String name) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                boolean isPair = Character.isSupplementaryCodePoint(Character.codePointAt(text, i));
                if (!isPair) {
                    throw malformed(name);
                }
                i++;
            }
        }
    }

    private static BadInputException malformed(String name) {
        return new BadInputException(
                name + " is not well-formed Unicode: it has half of a surrogate pair");
    }

    /**
     * {@return the text in UTF-8; null if it has an unpaired surrogate}
     *
     * @param text any text
     */
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
